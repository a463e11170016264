interface Footer {
  /** Four letters for the program that wrote it. */
  creator?: string;
  /** Cylinders, heads, sectors. */
  geometry?: [number, number, number];
  /** Where the header of a dynamic image is. */
  headerAt?: number;
}

/** A VHD's footer: of a disk of so many bytes, fixed unless it has a header. */
export function vhdFooter(
  size: number,
  { creator = "win ", geometry, headerAt }: Footer = {},
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(512);
  const text = new TextEncoder();
  bytes.set(text.encode("conectix"));
  bytes.set(text.encode(creator), 28);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(16, BigInt(headerAt ?? 2n ** 64n - 1n));
  view.setBigUint64(48, BigInt(size));
  const [cylinders, heads, sectors] = geometry ?? [0, 0, 0];
  view.setUint16(56, cylinders);
  bytes.set([heads, sectors], 58);
  view.setUint32(60, headerAt === undefined ? 2 : 3);
  view.setUint32(64, ~bytes.reduce((sum, byte) => sum + byte, 0));
  return bytes;
}

/** A fixed VHD of a disk with these bytes, by a program that tells the size as it is: they, and a footer. */
export function fixedVhd(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(bytes.length + 512);
  file.set(bytes);
  file.set(vhdFooter(bytes.length), bytes.length);
  return file;
}
