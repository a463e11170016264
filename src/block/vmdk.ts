/** VMware's image, sparse and in one file, as QEMU reads it: block/vmdk.c. */
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";
import { ABSENT, MappedDevice, type Place } from "./mapped.ts";

const SECTOR = 512;

/** Bytes of a VMDK's descriptor that QEMU reads at most. */
const MOST_DESCRIPTOR = 1 << 20;

/** Bytes of a grain at most, as QEMU has it. */
const MOST_GRAIN = 64 << 20;

/** Bits of `flags`: an entry of 1 stands for a grain of zeroes; a packed one has a marker before it. */
const ZERO_GRAINS = 1 << 2;
const MARKED = 1 << 17;

const DEFLATE = 1;

/** The grain directory's place is in a second header, in the last sector but one. */
const AT_END = 0xffff_ffff_ffff_ffffn;

/** Of a grain that is packed: its sector of the disk, and the bytes that follow. */
const MARKER = 12;

const JOIN = "Make one file of it: qemu-img convert -O qcow2 IMAGE NEW.";

const latin1 = new TextDecoder("latin1");

/** The file with its own descriptor (`KDMV`), ESX's sparse extent (`COWD`), or the descriptor alone. */
export function isVmdk(head: Uint8Array): boolean {
  return /^(KDMV|COWD|# Disk Descriptor)/.test(latin1.decode(head));
}

export async function vmdkSize(image: BlockDevice, head: Uint8Array, signal?: AbortSignal): Promise<number> {
  if (!latin1.decode(head).startsWith("KDMV")) {
    throw imageUnsupported("is a VMDK whose data lie in other files", JOIN);
  }
  const view = new DataView(head.buffer, head.byteOffset);
  const capacity = sectors(view, 12);
  const [offset, length] = [sectors(view, 28), sectors(view, 36)];
  if (length > MOST_DESCRIPTOR || offset + length > image.size) {
    throw imageBroken("VMDK", "its descriptor lies behind its end");
  }
  const bytes = new Uint8Array(length);
  await image.read(offset, bytes, signal);
  const descriptor = latin1.decode(bytes);
  const parent = /^parentCID\s*=\s*([0-9a-f]+)/im.exec(descriptor)?.[1] ?? "ffffffff";
  if (!/^f{8}$/i.test(parent)) throw imageUnsupported("is a VMDK with a parent image", JOIN);
  const extents = descriptor.match(/^(RW|RDONLY|NOACCESS)\s+\d+\s+\w+/gm) ?? [];
  if (extents.length > 1) throw imageUnsupported("is a VMDK whose data lie in other files", JOIN);
  return capacity;
}

/** A number of sectors, as bytes. */
function sectors(view: DataView, at: number): number {
  const bytes = Number(view.getBigUint64(at, true)) * SECTOR;
  if (!Number.isSafeInteger(bytes)) throw imageBroken("VMDK", "its header makes no sense");
  return bytes;
}

/** What a guest sees of it, read-only; owns `image`. */
export async function openVmdk(image: BlockDevice, signal?: AbortSignal): Promise<BlockDevice> {
  const head = new Uint8Array(SECTOR);
  await image.read(0, head, signal);
  const size = await vmdkSize(image, head, signal);
  let header = new DataView(head.buffer);
  if (header.getBigUint64(56, true) === AT_END) {
    const footer = new Uint8Array(SECTOR);
    await image.read(image.size - 2 * SECTOR, footer, signal);
    if (!isVmdk(footer)) throw imageBroken("VMDK", "its end is missing");
    header = new DataView(footer.buffer);
  }
  const flags = header.getUint32(8, true);
  const isPacked = header.getUint16(77, true) === DEFLATE;
  const [grain, tableLength] = [sectors(header, 20), header.getUint32(44, true)];
  const tables = Math.ceil(size / (grain * tableLength));
  const at = sectors(header, 56);
  if (grain < 4096 || grain > MOST_GRAIN || tableLength === 0 || tableLength > 512 || at + tables * 4 > image.size) {
    throw imageBroken("VMDK", "its header makes no sense");
  }
  const directory = new DataView(new ArrayBuffer(tables * 4));
  await image.read(at, new Uint8Array(directory.buffer), signal);
  return new VmdkDevice(image, size, grain, { flags, isPacked, tableLength, directory });
}

class VmdkDevice extends MappedDevice {
  protected override readonly format = "VMDK";

  constructor(
    image: BlockDevice,
    size: number,
    grain: number,
    readonly map: { flags: number; isPacked: boolean; tableLength: number; directory: DataView },
  ) {
    super(image, size, grain);
  }

  protected override async place(grain: number): Promise<Place> {
    const { flags, isPacked, tableLength, directory } = this.map;
    const tableAt = directory.getUint32(Math.floor(grain / tableLength) * 4, true) * SECTOR;
    if (tableAt === 0) return ABSENT;
    const table = await this.table(tableAt, tableLength * 4);
    const sector = table.getUint32((grain % tableLength) * 4, true);
    if (sector === 0 || (sector === 1 && flags & ZERO_GRAINS)) return ABSENT;
    const offset = sector * SECTOR;
    this.check(offset, "a grain");
    if (!isPacked) return { kind: "data", offset };
    const start = flags & MARKED ? offset + MARKER : offset;
    this.check(start, "a packed grain");
    // It ends itself; what is hard to pack may be longer than it was.
    const length = Math.min(2 * this.blockSize, this.file.size - start);
    return { kind: "packed", as: "zlib", offset: start, length };
  }
}
