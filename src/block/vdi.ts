/** VirtualBox's image, as QEMU reads it: block/vdi.c. */
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";
import { ABSENT, MappedDevice, type Place } from "./mapped.ts";

const BLOCK = 1 << 20;
const HEADER = 512;

/** Entries of the block map that stand for blocks that are nowhere, or were discarded. */
const NOWHERE = 0xfffffffe;

export function isVdi(view: DataView): boolean {
  return view.getUint32(0x40, true) === 0xbeda107f;
}

export function vdiSize(view: DataView): number {
  const version = view.getUint32(0x44, true);
  if (version !== 0x10001)
    throw imageUnsupported("is a VDI of another version than 1.1", "Convert it with VBoxManage.");
  const type = view.getUint32(0x4c, true);
  if (type === 3 || type === 4) {
    throw imageUnsupported("is a VDI with a parent image", "Make one file of it: VBoxManage clonemedium.");
  }
  const size = Number(view.getBigUint64(0x170, true));
  if ((type !== 1 && type !== 2) || view.getUint32(0x178, true) !== BLOCK || !Number.isSafeInteger(size)) {
    throw imageBroken("VDI", "its header makes no sense");
  }
  return size;
}

/** What a guest sees of it, read-only; owns `image`. */
export async function openVdi(image: BlockDevice, signal?: AbortSignal): Promise<BlockDevice> {
  const header = new DataView(new ArrayBuffer(HEADER));
  await image.read(0, new Uint8Array(header.buffer), signal);
  const size = vdiSize(header);
  const [mapAt, dataAt, count] = [0x154, 0x158, 0x180].map((at) => header.getUint32(at, true)) as [
    number,
    number,
    number,
  ];
  if (count < Math.ceil(size / BLOCK) || mapAt + count * 4 > image.size) {
    throw imageBroken("VDI", "its block map is too short");
  }
  const map = new DataView(new ArrayBuffer(count * 4));
  await image.read(mapAt, new Uint8Array(map.buffer), signal);
  return new VdiDevice(image, size, map, dataAt);
}

class VdiDevice extends MappedDevice {
  protected override readonly format = "VDI";

  constructor(
    image: BlockDevice,
    size: number,
    readonly map: DataView,
    readonly dataAt: number,
  ) {
    super(image, size, BLOCK);
  }

  protected override async place(block: number): Promise<Place> {
    const at = this.map.getUint32(block * 4, true);
    if (at >= NOWHERE) return ABSENT;
    const offset = this.dataAt + at * BLOCK;
    this.check(offset, "a block");
    return { kind: "data", offset };
  }
}
