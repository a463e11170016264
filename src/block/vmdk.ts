/** VMware's image, sparse and in one file, as QEMU reads it: block/vmdk.c. */
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";
import { ABSENT, MappedDevice, type Place } from "./mapped.ts";
import { readPart } from "./part.ts";

const SECTOR = 512;

/** Bytes of a VMDK's descriptor that QEMU reads at most. */
const MOST_DESCRIPTOR = 1 << 20;

/** Bytes of a grain at most, as QEMU has it. */
const MOST_GRAIN = 64 << 20;

/** Entries of the grain directory at most, as QEMU has it, and of a grain table. */
const MOST_TABLES = 32 << 20;
const MOST_GRAINS = 512;

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

interface VmdkFacts {
  /** What a guest sees, bytes, and what a grain has. */
  size: number;
  grain: number;
  flags: number;
  isPacked: boolean;
  /** Entries of a grain table. */
  tableLength: number;
  /** Where the grain directory is, and its entries. */
  directoryAt: number;
  tables: number;
}

export async function vmdkSize(image: BlockDevice, head: Uint8Array, signal?: AbortSignal): Promise<number> {
  if (!latin1.decode(head).startsWith("KDMV")) {
    throw imageUnsupported("is a VMDK whose data lie in other files", JOIN);
  }
  return (await readFacts(image, signal)).size;
}

async function readFacts(image: BlockDevice, signal: AbortSignal | undefined): Promise<VmdkFacts> {
  let header = new DataView((await readPart(image, "VMDK", 0, SECTOR, signal)).buffer);
  await checkDescriptor(image, header, signal);
  const size = sectors(header, 12);
  if (header.getBigUint64(56, true) === AT_END) {
    const footer = await readPart(image, "VMDK", Math.max(0, image.size - 2 * SECTOR), SECTOR, signal);
    if (!isVmdk(footer)) throw imageBroken("VMDK", "its end is missing");
    header = new DataView(footer.buffer);
  }
  const [grain, tableLength, directoryAt] = [sectors(header, 20), header.getUint32(44, true), sectors(header, 56)];
  const isRight = grain >= SECTOR && grain <= MOST_GRAIN && tableLength > 0 && tableLength <= MOST_GRAINS;
  const tables = isRight ? Math.ceil(size / (grain * tableLength)) : 0;
  if (!isRight || tables > MOST_TABLES) throw imageBroken("VMDK", "its header makes no sense");
  // At 64: what comes before the first grain.
  if (directoryAt + tables * 4 > image.size || sectors(header, 64) > Math.ceil(image.size / SECTOR) * SECTOR) {
    throw imageBroken("VMDK", "it is too short");
  }
  const isPacked = header.getUint16(77, true) === DEFLATE;
  return { size, grain, flags: header.getUint32(8, true), isPacked, tableLength, directoryAt, tables };
}

/** Is it the whole of a disk? */
async function checkDescriptor(image: BlockDevice, header: DataView, signal: AbortSignal | undefined): Promise<void> {
  const [offset, length] = [sectors(header, 28), sectors(header, 36)];
  if (length > MOST_DESCRIPTOR) throw imageBroken("VMDK", "its header makes no sense");
  const descriptor = latin1.decode(await readPart(image, "VMDK", offset, length, signal));
  const parent = /^parentCID\s*=\s*([0-9a-f]+)/im.exec(descriptor)?.[1] ?? "ffffffff";
  if (!/^f{8}$/i.test(parent)) throw imageUnsupported("is a VMDK with a parent image", JOIN);
  const extents = descriptor.match(/^(RW|RDONLY|NOACCESS)\s+\d+\s+\w+/gm) ?? [];
  if (extents.length > 1) throw imageUnsupported("is a VMDK whose data lie in other files", JOIN);
}

/** A number of sectors, as bytes. */
function sectors(view: DataView, at: number): number {
  const bytes = Number(view.getBigUint64(at, true)) * SECTOR;
  if (!Number.isSafeInteger(bytes)) throw imageBroken("VMDK", "its header makes no sense");
  return bytes;
}

/** What a guest sees of it, read-only; owns `image`. */
export async function openVmdk(image: BlockDevice, signal?: AbortSignal): Promise<BlockDevice> {
  const facts = await readFacts(image, signal);
  const directory = await readPart(image, "VMDK", facts.directoryAt, facts.tables * 4, signal);
  return new VmdkDevice(image, facts, new DataView(directory.buffer));
}

class VmdkDevice extends MappedDevice {
  protected override readonly format = "VMDK";

  constructor(
    image: BlockDevice,
    readonly facts: VmdkFacts,
    readonly directory: DataView,
  ) {
    super(image, facts.size, facts.grain);
  }

  protected override async place(grain: number): Promise<Place> {
    const { flags, isPacked, tableLength } = this.facts;
    const tableAt = this.directory.getUint32(Math.floor(grain / tableLength) * 4, true) * SECTOR;
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
