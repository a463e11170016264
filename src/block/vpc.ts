/** A VHD image (QEMU: vpc), as QEMU reads it: block/vpc.c. */
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";
import { ABSENT, MappedDevice, type Place } from "./mapped.ts";

const FOOTER = 512;
const COOKIE = "conectix";

/** Disk types. */
const FIXED = 2;
const DYNAMIC = 3;
const DIFFERENCING = 4;

/** Bytes of a dynamic image's header, and of its blocks at most. */
const HEADER = 1024;
const MOST_BLOCK = 256 << 20;
/** A fixed image has none: it is read by so many bytes. */
const FIXED_BLOCK = 1 << 20;
const NOWHERE = 0xffffffff;

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

/** What a guest sees of it, read-only; owns `image`. */
export async function openVpc(image: BlockDevice, signal?: AbortSignal): Promise<BlockDevice> {
  const head = new Uint8Array(FOOTER);
  await image.read(0, head, signal);
  const footer = await readVpcFooter(image, head, signal);
  if (!footer) throw imageBroken("VHD", "its footer is missing");
  const size = vpcSize(footer);
  if (footer.getUint32(60) === FIXED) return new VpcDevice(image, size, FIXED_BLOCK, undefined);
  const header = new Uint8Array(HEADER);
  const headerAt = Number(footer.getBigUint64(16));
  if (headerAt + HEADER > image.size) throw imageBroken("VHD", "its header lies behind its end");
  await image.read(headerAt, header, signal);
  const view = new DataView(header.buffer);
  const [tableAt, count, block] = [Number(view.getBigUint64(16)), view.getUint32(28), view.getUint32(32)];
  const fits = count * block >= size && tableAt + count * 4 <= image.size;
  if (!startsWith(header, "cxsparse") || block < 512 || block > MOST_BLOCK || (block & (block - 1)) !== 0 || !fits) {
    throw imageBroken("VHD", "its header makes no sense");
  }
  const table = new DataView(new ArrayBuffer(count * 4));
  await image.read(tableAt, new Uint8Array(table.buffer), signal);
  return new VpcDevice(image, size, block, table);
}

class VpcDevice extends MappedDevice {
  protected override readonly format = "VHD";

  /** `sectors`: the first of each block, of one that isn't fixed. */
  constructor(
    image: BlockDevice,
    size: number,
    block: number,
    readonly sectors: DataView | undefined,
  ) {
    super(image, size, block);
  }

  protected override async place(block: number): Promise<Place> {
    if (!this.sectors) return { kind: "data", offset: block * this.blockSize };
    const sector = this.sectors.getUint32(block * 4);
    if (sector === NOWHERE) return ABSENT;
    // Before its bytes, a block has a bit for each of its sectors.
    const offset = sector * 512 + Math.ceil(this.blockSize / 8 / 512 / 512) * 512;
    this.check(offset, "a block");
    return { kind: "data", offset };
  }
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((letter, at) => bytes[at] === letter.charCodeAt(0));
}
