/**
 * The header of a qcow2 image, version 2 or 3, big-endian: docs/interop/qcow2.rst of QEMU; limits of what QEMU opens:
 * block/qcow2.c and qcow2.h.
 */
import type { BlockDevice } from "../device.ts";
import { imageBroken, imageUnsupported } from "../errors.ts";

export const QCOW2_MAGIC = 0x514649fb;

/** Bytes of a version 2 header, and the least of a version 3 one. */
const LENGTH = { 2: 72, 3: 104 };

/** Bits of `incompatible`. */
const INCOMPATIBLE = { dirty: 1n, corrupt: 2n, dataFile: 4n, compression: 8n, extendedL2: 16n };

/** Bytes that QEMU gives the L1 table and the reference count table at most. */
const MOST_L1 = 32 << 20;
const MOST_REFERENCE_TABLE = 8 << 20;

/** Of fields that hold an offset and flags, the offset: bits 9 to 55. */
export const OFFSET = 0x00ff_ffff_ffff_fe00n;

export interface Qcow2Header {
  version: 2 | 3;
  /** A cluster is 2 to the power of this bytes. */
  clusterBits: number;
  /** What a guest sees, bytes. */
  virtualSize: number;
  /** Entries. */
  l1Size: number;
  l1Offset: number;
  referenceTableOffset: number;
  referenceTableClusters: number;
  /** A reference count has 2 to the power of this bits. */
  referenceOrder: number;
  snapshots: number;
  /** An L2 entry has 16 bytes, with a bit for each 32nd of its cluster. */
  extendedL2: boolean;
  /** It has dirty bitmaps, of no use once the image was changed behind their back. */
  bitmaps: boolean;
}

/**
 * Reads and checks the header of `image`. Throws `image-broken` when it makes no sense, `image-unsupported` for what isn't
 * all in this file, or needs more than QemuWeb's QEMU knows.
 */
export async function readQcow2Header(image: BlockDevice, signal?: AbortSignal): Promise<Qcow2Header> {
  const bytes = new Uint8Array(Math.min(image.size, 512));
  await image.read(0, bytes, signal);
  return parseQcow2Header(bytes, image.size);
}

/** `bytes`: the image's beginning, 512 of them unless it is shorter; `fileSize`: of the whole image. */
export function parseQcow2Header(bytes: Uint8Array, fileSize: number): Qcow2Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < LENGTH[2]) throw imageBroken("qcow2", "it is too short");
  if (view.getUint32(0) !== QCOW2_MAGIC) throw imageBroken("qcow2", "it begins otherwise", "Choose the format raw.");
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3) throw imageUnsupported(`is qcow2 of version ${version}`, CONVERT);
  if (bytes.length < LENGTH[version]) throw imageBroken("qcow2", "it is too short");
  const header: Qcow2Header = {
    version,
    clusterBits: view.getUint32(20),
    virtualSize: safe(view.getBigUint64(24), "size"),
    l1Size: view.getUint32(36),
    l1Offset: safe(view.getBigUint64(40), "L1 table"),
    referenceTableOffset: safe(view.getBigUint64(48), "reference count table"),
    referenceTableClusters: view.getUint32(56),
    referenceOrder: version === 3 ? view.getUint32(96) : 4,
    snapshots: view.getUint32(60),
    extendedL2: false,
    bitmaps: false,
  };
  // Refused before what it would make senseless: a sentence about the cause, not about its effect.
  if (view.getBigUint64(8) !== 0n) {
    throw imageUnsupported("has a backing file", `Put the two together: qemu-img convert -O qcow2 IMAGE NEW.`);
  }
  if (view.getUint32(32) !== 0) {
    throw imageUnsupported(
      "is encrypted",
      "Decrypt it: qemu-img convert with its secret, or encrypt inside the guest.",
    );
  }
  if (version === 3) readFeatures(view, bytes.length, header);
  checkSense(header, fileSize);
  return header;
}

const CONVERT = "Convert it: qemu-img convert -O qcow2 IMAGE NEW.";

function readFeatures(view: DataView, length: number, header: Qcow2Header): void {
  const headerLength = view.getUint32(100);
  if (headerLength < LENGTH[3] || headerLength % 8 !== 0)
    throw imageBroken("qcow2", "the length of its header is wrong");
  let features = view.getBigUint64(72);
  if (features & INCOMPATIBLE.corrupt) {
    throw imageBroken("qcow2", "QEMU marked it as corrupt", "Repair it: qemu-img check -r all IMAGE.");
  }
  if (features & INCOMPATIBLE.dataFile) throw imageUnsupported("keeps its data in another file", CONVERT);
  if (features & INCOMPATIBLE.compression) {
    // zlib has the bit off.
    const type = headerLength > 104 && length > 104 ? view.getUint8(104) : undefined;
    throw imageUnsupported(type === 1 ? "is compressed with zstd" : "is compressed in an unknown way", CONVERT);
  }
  header.extendedL2 = (features & INCOMPATIBLE.extendedL2) !== 0n;
  for (const known of Object.values(INCOMPATIBLE)) features &= ~known;
  if (features !== 0n) throw imageUnsupported("has features that are unknown here", CONVERT);
  header.bitmaps = (view.getBigUint64(88) & 1n) !== 0n;
}

function checkSense(header: Qcow2Header, fileSize: number): void {
  const { clusterBits, virtualSize, l1Size, l1Offset, referenceOrder } = header;
  const broken = (what: string) => imageBroken("qcow2", what);
  if (clusterBits < 9 || clusterBits > 21) throw broken(`its clusters have 2^${clusterBits} bytes`);
  if (referenceOrder > 6) throw broken(`its reference counts have 2^${referenceOrder} bits`);
  if (header.extendedL2 && clusterBits < 14) throw broken("its clusters are too small to be divided");
  if (l1Size * 8 > MOST_L1) throw broken("its L1 table is too long");
  if (l1Size < l1Entries(header, virtualSize)) throw broken("its L1 table is too short for its size");
  const inside = (offset: number, length: number, what: string) => {
    if (offset % 2 ** clusterBits !== 0) throw broken(`its ${what} is not at the beginning of a cluster`);
    if (offset === 0 && length > 0) throw broken(`its ${what} lies in its header`);
    if (offset + length > fileSize + 2 ** clusterBits) throw broken(`its ${what} lies behind its end`);
  };
  if (l1Size > 0) inside(l1Offset, l1Size * 8, "L1 table");
  const tableLength = header.referenceTableClusters * 2 ** clusterBits;
  if (tableLength > MOST_REFERENCE_TABLE) throw broken("its reference count table is too long");
  if (tableLength === 0) throw broken("it has no reference count table");
  inside(header.referenceTableOffset, tableLength, "reference count table");
  const isBefore = l1Offset + l1Size * 8 <= header.referenceTableOffset;
  if (l1Size > 0 && !isBefore && l1Offset < header.referenceTableOffset + tableLength) {
    throw broken("its tables lie in the same place");
  }
}

/** Entries of an L2 table. */
export function l2Entries({ clusterBits, extendedL2 }: Pick<Qcow2Header, "clusterBits" | "extendedL2">): number {
  return 2 ** (clusterBits - (extendedL2 ? 4 : 3));
}

/** Entries that the L1 table of an image of `virtualSize` bytes needs. */
export function l1Entries(header: Pick<Qcow2Header, "clusterBits" | "extendedL2">, virtualSize: number): number {
  return Math.ceil(virtualSize / (2 ** header.clusterBits * l2Entries(header)));
}

function safe(value: bigint, what: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw imageBroken("qcow2", `its ${what} makes no sense`);
  return Number(value);
}
