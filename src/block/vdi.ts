/** VirtualBox's image, as QEMU reads it: block/vdi.c. */
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";
import { ABSENT, MappedDevice, type Place } from "./mapped.ts";
import { readPart } from "./part.ts";

const BLOCK = 1 << 20;
const HEADER = 512;
const SECTOR = 512;

/** Entries of the block map at most: QEMU reads it at once. */
const MOST_BLOCKS = (2 ** 31 - SECTOR) / 4;

/** Entries of the block map that stand for blocks that are nowhere, or were discarded. */
const NOWHERE = 0xfffffffe;

export function isVdi(view: DataView): boolean {
  return view.getUint32(0x40, true) === 0xbeda107f;
}

interface VdiFacts {
  /** What a guest sees, bytes. */
  size: number;
  /** Where the block map is, and the first block. */
  mapAt: number;
  dataAt: number;
}

export async function vdiSize(image: BlockDevice, signal?: AbortSignal): Promise<number> {
  return (await readFacts(image, signal)).size;
}

async function readFacts(image: BlockDevice, signal?: AbortSignal): Promise<VdiFacts> {
  const view = new DataView((await readPart(image, "VDI", 0, HEADER, signal)).buffer);
  const number = (at: number) => view.getUint32(at, true);
  if (number(0x44) !== 0x10001) {
    throw imageUnsupported("is a VDI of another version than 1.1", "Convert it with VBoxManage.");
  }
  const type = number(0x4c);
  if (type === 3 || type === 4) {
    throw imageUnsupported("is a VDI with a parent image", "Make one file of it: VBoxManage clonemedium.");
  }
  const [mapAt, dataAt, count] = [number(0x154), number(0x158), number(0x180)];
  const size = Math.ceil(Number(view.getBigUint64(0x170, true)) / SECTOR) * SECTOR;
  const isRight = (type === 1 || type === 2) && number(0x178) === BLOCK && count <= MOST_BLOCKS;
  if (!isRight || mapAt % SECTOR !== 0 || dataAt % SECTOR !== 0) {
    throw imageBroken("VDI", "its header makes no sense");
  }
  if (size > count * BLOCK || mapAt + count * 4 > image.size) throw imageBroken("VDI", "its block map is too short");
  return { size, mapAt, dataAt };
}

/** What a guest sees of it, read-only; owns `image`. */
export async function openVdi(image: BlockDevice, signal?: AbortSignal): Promise<BlockDevice> {
  return new VdiDevice(image, await readFacts(image, signal));
}

class VdiDevice extends MappedDevice {
  protected override readonly format = "VDI";

  constructor(
    image: BlockDevice,
    readonly facts: VdiFacts,
  ) {
    super(image, facts.size, BLOCK);
  }

  protected override async place(block: number): Promise<Place> {
    const { mapAt, dataAt } = this.facts;
    const at = (await this.entry(mapAt, block * 4)).getUint32(0, true);
    if (at >= NOWHERE) return ABSENT;
    const offset = dataAt + at * BLOCK;
    this.check(offset, "a block");
    return { kind: "data", offset };
  }
}
