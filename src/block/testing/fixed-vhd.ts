/** A fixed VHD of a disk with these bytes: they, and a footer. */
export function fixedVhd(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(bytes.length + 512);
  const text = new TextEncoder();
  file.set(bytes);
  file.set(text.encode("conectix"), bytes.length);
  file.set(text.encode("win "), bytes.length + 28); // by a program that tells the size as it is
  const footer = new DataView(file.buffer, bytes.length);
  footer.setBigUint64(48, BigInt(bytes.length));
  footer.setUint32(60, 2);
  footer.setUint32(64, ~file.subarray(bytes.length).reduce((sum, byte) => sum + byte, 0));
  return file;
}
