/** A VHD image (QEMU: vpc), as QEMU reads it: block/vpc.c. */
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";
import { ABSENT, MappedDevice, type Place } from "./mapped.ts";
import { readPart } from "./part.ts";

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

/** Programs whose disks are what cylinders, heads and sectors make, up to the most that they can; others tell the size. */
const SIZE_IS_GEOMETRY = ["vpc ", "qemu"];
const LARGEST_GEOMETRY = 65535 * 16 * 255;

/** Sectors of a disk at most, 2,040 GiB, and entries of a dynamic image's table, as QEMU has it. */
const SECTOR = 512;
const MOST_SECTORS = 0xff000000;
const MOST_ENTRIES = Math.floor((2 ** 31 - 1) / 4);

interface VpcFacts {
  /** What a guest sees, bytes, and what a block has. */
  size: number;
  block: number;
  /** Where the table of blocks is, of an image that isn't fixed. */
  tableAt?: number;
}

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

/** `footer`: what `readVpcFooter` found. */
export async function vpcSize(image: BlockDevice, footer: DataView, signal?: AbortSignal): Promise<number> {
  return (await readFacts(image, footer, signal)).size;
}

async function readFacts(image: BlockDevice, footer: DataView, signal?: AbortSignal): Promise<VpcFacts> {
  const type = footer.getUint32(60);
  if (type === DIFFERENCING) {
    throw imageUnsupported("is a VHD with a parent image", "Make one file of it: Hyper-V's Merge-VHD.");
  }
  const sectors = sectorsOf(footer);
  if ((type !== FIXED && type !== DYNAMIC) || !isIntact(footer) || sectors > MOST_SECTORS) {
    throw imageBroken("VHD", "its footer makes no sense");
  }
  const size = sectors * SECTOR;
  if (type === FIXED) {
    if (size > image.size) throw imageBroken("VHD", "it is too short");
    return { size, block: FIXED_BLOCK };
  }
  const header = await readPart(image, "VHD", Number(footer.getBigUint64(16)), HEADER, signal);
  const view = new DataView(header.buffer);
  const [tableAt, count, block] = [Number(view.getBigUint64(16)), view.getUint32(28), view.getUint32(32)];
  const isPower = block >= SECTOR && block <= MOST_BLOCK && (block & (block - 1)) === 0;
  if (!startsWith(header, "cxsparse") || !isPower || count > MOST_ENTRIES || count * block < size) {
    throw imageBroken("VHD", "its header makes no sense");
  }
  if (tableAt + count * 4 > image.size) throw imageBroken("VHD", "it is too short");
  return { size, block, tableAt };
}

function sectorsOf(footer: DataView): number {
  const geometry = footer.getUint16(56) * footer.getUint8(58) * footer.getUint8(59);
  const creator = String.fromCharCode(...[28, 29, 30, 31].map((at) => footer.getUint8(at)));
  if (SIZE_IS_GEOMETRY.includes(creator) && geometry !== LARGEST_GEOMETRY) return geometry;
  return Math.floor(Number(footer.getBigUint64(48)) / SECTOR);
}

/** Its checksum, at 64, is the complement of the sum of its other bytes. */
function isIntact(footer: DataView): boolean {
  let sum = 0;
  for (let at = 0; at < FOOTER; at++) if (at < 64 || at >= 68) sum += footer.getUint8(at);
  return ~sum >>> 0 === footer.getUint32(64);
}

/** What a guest sees of it, read-only; owns `image`. */
export async function openVpc(image: BlockDevice, signal?: AbortSignal): Promise<BlockDevice> {
  const head = await readPart(image, "VHD", 0, FOOTER, signal);
  const footer = await readVpcFooter(image, head, signal);
  if (!footer) throw imageBroken("VHD", "its footer is missing");
  return new VpcDevice(image, await readFacts(image, footer, signal));
}

class VpcDevice extends MappedDevice {
  protected override readonly format = "VHD";

  constructor(
    image: BlockDevice,
    readonly facts: VpcFacts,
  ) {
    super(image, facts.size, facts.block);
  }

  protected override async place(block: number): Promise<Place> {
    const { tableAt } = this.facts;
    if (tableAt === undefined) return { kind: "data", offset: block * this.blockSize };
    const sector = (await this.entry(tableAt, block * 4)).getUint32(0);
    if (sector === NOWHERE) return ABSENT;
    // Before its bytes, a block has a bit for each of its sectors.
    const offset = sector * SECTOR + Math.ceil(this.blockSize / 8 / SECTOR / SECTOR) * SECTOR;
    this.check(offset, "a block");
    return { kind: "data", offset };
  }
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((letter, at) => bytes[at] === letter.charCodeAt(0));
}
