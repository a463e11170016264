/** A VHD image (QEMU: vpc), as far as it takes to tell its size; QEMU reads it: block/vpc.c. */
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";

const FOOTER = 512;
const COOKIE = "conectix";

/** Disk types. */
const FIXED = 2;
const DYNAMIC = 3;
const DIFFERENCING = 4;

/** Programs whose size field is the truth; of others it is what cylinders, heads and sectors make. */
const SIZE_IS_RIGHT = ["win ", "qem2", "d2v ", "tap\0", "CTXS"];
const LARGEST_GEOMETRY = 65535 * 16 * 255;

/** The footer: a fixed image has it at its end, others a copy of it at their beginning. Undefined: it is no VHD. */
export async function readVpcFooter(
  image: BlockDevice,
  head: Uint8Array,
  signal?: AbortSignal,
): Promise<DataView | undefined> {
  if (startsWith(head, COOKIE)) return new DataView(head.buffer, head.byteOffset, FOOTER);
  if (image.size < 2 * FOOTER) return undefined;
  const footer = new Uint8Array(FOOTER);
  await image.read(image.size - FOOTER, footer, signal);
  return startsWith(footer, COOKIE) ? new DataView(footer.buffer) : undefined;
}

export function vpcSize(footer: DataView): number {
  const type = footer.getUint32(60);
  if (type === DIFFERENCING) {
    throw imageUnsupported("is a VHD with a parent image", "Make one file of it: Hyper-V's Merge-VHD.");
  }
  const geometry = footer.getUint16(56) * footer.getUint8(58) * footer.getUint8(59);
  const creator = String.fromCharCode(...[28, 29, 30, 31].map((at) => footer.getUint8(at)));
  const useSize = SIZE_IS_RIGHT.includes(creator) || geometry === LARGEST_GEOMETRY;
  const size = useSize ? Number(footer.getBigUint64(48)) : geometry * 512;
  if ((type !== FIXED && type !== DYNAMIC) || !Number.isSafeInteger(size)) {
    throw imageBroken("VHD", "its footer makes no sense");
  }
  return size;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((letter, at) => bytes[at] === letter.charCodeAt(0));
}
