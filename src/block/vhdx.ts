/** A VHDX image: MS-VHDX, sections 2.2 to 2.6; as QEMU reads it: block/vhdx.c. */
import { crc32c } from "../core/crc32.ts";
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";
import { hex } from "./identity.ts";
import { ABSENT, MappedDevice, type Place } from "./mapped.ts";
import { readPart } from "./part.ts";

/** Two headers, of which the one with the higher number counts; of the version 1. */
const HEADERS = [64 << 10, 128 << 10];
const HEADER = 4096;
const VERSION = 1;
const REGION_TABLE = 192 << 10;
const TABLE = 64 << 10;
const SECTOR = 512;
const MIB = 1 << 20;
const MOST_BLOCK = 256 * MIB;

/** GUIDs as they lie in the file. */
const BLOCK_TABLE = "6677c22d23f600429d64115e9bfd4a08";
const METADATA = "06a27c8b90479a4bb8fe575f050f886e";
const VIRTUAL_SIZE = "2442a52f1bcd7648b2115dbed83bf4b8";
const FILE_PARAMETERS = "3767a1ca36fa434db3b633f0aa44e76b";
const SECTOR_SIZE = "1dbf41816fa90947ba47f233a8faab5f";

/** What its metadata say, in bytes, and where its table of blocks lies; all blocks have their entries in it. */
interface VhdxFacts {
  size: number;
  block: number;
  tableAt: number;
  /** Blocks after which the table has one of bits for sectors, which images without a parent don't use. */
  chunk: number;
}

export function isVhdx(head: Uint8Array): boolean {
  return text(head, 0, 8) === "vhdxfile";
}

export async function vhdxSize(image: BlockDevice, signal?: AbortSignal): Promise<number> {
  return (await readFacts(image, signal)).size;
}

async function readFacts(image: BlockDevice, signal?: AbortSignal): Promise<VhdxFacts> {
  await checkClosed(image, signal);
  const bytes = await read(image, REGION_TABLE, TABLE, signal);
  if (text(bytes, 0, 4) !== "regi" || !isIntact(bytes)) throw broken();
  const regions = entries(bytes, 16, new DataView(bytes.buffer).getUint32(8, true));
  const region = (wanted: string) => {
    const { view } = regions.find(({ id }) => id === wanted) ?? missing();
    return { offset: Number(view.getBigUint64(16, true)), length: view.getUint32(24, true) };
  };
  const { offset } = region(METADATA);
  const metadata = await read(image, offset, TABLE, signal);
  if (text(metadata, 0, 8) !== "metadata") throw broken();
  const items = entries(metadata, 32, new DataView(metadata.buffer).getUint16(10, true));
  const item = async (wanted: string): Promise<DataView> => {
    const { view } = items.find(({ id }) => id === wanted) ?? missing();
    return new DataView((await read(image, offset + view.getUint32(16, true), 8, signal)).buffer);
  };
  const parameters = await item(FILE_PARAMETERS);
  if (parameters.getUint32(4, true) & 2) {
    throw imageUnsupported("is a VHDX with a parent image", "Make one file of it: Hyper-V's Merge-VHD.");
  }
  const sector = (await item(SECTOR_SIZE)).getUint32(0, true);
  if (sector === 4096) {
    throw imageUnsupported(
      "has sectors of 4,096 bytes",
      "Copy the disk into one with sectors of 512: Hyper-V's New-VHD -LogicalSectorSizeBytes 512.",
    );
  }
  const block = parameters.getUint32(0, true);
  const isPower = block >= MIB && block <= MOST_BLOCK && (block & (block - 1)) === 0;
  const size = Math.floor(Number((await item(VIRTUAL_SIZE)).getBigUint64(0, true)) / SECTOR) * SECTOR;
  if (sector !== SECTOR || !isPower || !Number.isSafeInteger(size)) throw broken();
  const [blocks, chunk, table] = [Math.ceil(size / block), (2 ** 23 * SECTOR) / block, region(BLOCK_TABLE)];
  if ((blocks + Math.floor((blocks - 1) / chunk)) * 8 > table.length) throw broken();
  if (table.offset + table.length > image.size) throw imageBroken("VHDX", "it is too short");
  return { size, block, tableAt: table.offset, chunk };
}

/** What a guest sees of it, read-only; owns `image`. */
export async function openVhdx(image: BlockDevice, signal?: AbortSignal): Promise<BlockDevice> {
  return new VhdxDevice(image, await readFacts(image, signal));
}

/** A log that isn't empty has what the tables don't. */
async function checkClosed(image: BlockDevice, signal: AbortSignal | undefined): Promise<void> {
  const headers = await Promise.all(HEADERS.map((offset) => read(image, offset, HEADER, signal)));
  const [newest, other] = headers.filter(isHeader).sort((a, b) => Number(numberOf(b) - numberOf(a)));
  if (!newest) throw broken();
  // Disk2vhd makes two that are the same.
  if (other && numberOf(other) === numberOf(newest) && hex(other) !== hex(newest)) throw broken();
  if (newest.subarray(48, 64).some((byte) => byte !== 0)) {
    throw imageUnsupported(
      "was not closed by the program that wrote it",
      "Open and close it there, then import it again.",
    );
  }
}

function isHeader(header: Uint8Array<ArrayBuffer>): boolean {
  const version = new DataView(header.buffer).getUint16(66, true);
  return text(header, 0, 4) === "head" && version === VERSION && isIntact(header);
}

/** The checksum at 4 is that of the bytes with zeroes in its place. */
function isIntact(bytes: Uint8Array<ArrayBuffer>): boolean {
  const rest = bytes.slice().fill(0, 4, 8);
  return crc32c(rest) === new DataView(bytes.buffer).getUint32(4, true);
}

function numberOf(header: Uint8Array<ArrayBuffer>): bigint {
  return new DataView(header.buffer).getBigUint64(8, true);
}

/** States of a block. */
const PRESENT = 6n;
const PARTLY_PRESENT = 7n;

class VhdxDevice extends MappedDevice {
  protected override readonly format = "VHDX";

  constructor(
    image: BlockDevice,
    readonly facts: VhdxFacts,
  ) {
    super(image, facts.size, facts.block);
  }

  protected override async place(block: number): Promise<Place> {
    const { chunk, tableAt } = this.facts;
    const at = (block + Math.floor(block / chunk)) * 8;
    const entry = (await this.entry(tableAt, at)).getBigUint64(0, true);
    const state = entry & 7n;
    if (state === PARTLY_PRESENT) throw broken();
    if (state !== PRESENT) return ABSENT;
    const offset = Number(entry >> 20n) * MIB;
    this.check(offset, "a block");
    return { kind: "data", offset };
  }
}

/** Entries of 32 bytes that begin with a GUID; `count` may lie. */
function entries(table: Uint8Array<ArrayBuffer>, from: number, count: number): { id: string; view: DataView }[] {
  const most = Math.min(count, Math.floor((table.length - from) / 32));
  return Array.from({ length: most }, (_, n) => {
    const entry = table.subarray(from + n * 32, from + (n + 1) * 32);
    return { id: hex(entry.subarray(0, 16)), view: new DataView(table.buffer, entry.byteOffset, 32) };
  });
}

function read(image: BlockDevice, offset: number, length: number, signal?: AbortSignal) {
  return readPart(image, "VHDX", offset, length, signal);
}

function missing(): never {
  throw broken();
}

function broken() {
  return imageBroken("VHDX", "its tables make no sense");
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return new TextDecoder("latin1").decode(bytes.subarray(at, at + length));
}
