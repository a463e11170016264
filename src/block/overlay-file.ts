/** The overlay file: docs/formats/overlay.md has its layout and the reasons. */
import type { QemuWebError } from "../core/errors.ts";
import type { ByteReader } from "./byte-reader.ts";
import { overlayFileBad } from "./errors.ts";
import { type BaseIdentity, hex, unhex } from "./identity.ts";
import { BLOCK, blockLength, MAX_DISK } from "./overlay.ts";

const MAGIC = Uint8Array.of(0x89, 0x51, 0x57, 0x4f, 0x56, 0x0d, 0x0a, 0x1a);
const VERSION = 2;
/** Up to and with the version, by which the rest is read. */
const START = 12;
/** Bytes before the block map. Version 1 had one size: an image's disk was as long as the image. */
const HEADER = { 1: 60, 2: 68 };
const RUN = 12;
const DIGEST = 32;
/** Bytes of a block's checksum. */
const CHECKSUM = 16;
/** Bytes of a block's index, which its checksum covers. */
const INDEX = 4;

/** Successive blocks of one kind. */
export interface Run {
  kind: "data" | "zero";
  first: number;
  count: number;
}

const KINDS: Record<Run["kind"], number> = { data: 1, zero: 2 };

export interface OverlayFile {
  /** In a file of version 1, `base.size` is that of the disk, not of the image. */
  base: BaseIdentity;
  /** Bytes of the disk. */
  size: number;
  /** In the order of the disk. */
  runs: Run[];
  /**
   * The blocks of the `data` runs, in their order, each checked. Throws `file-unreadable`; ends well only at the file's
   * end.
   */
  blocks(): AsyncGenerator<{ index: number; bytes: Uint8Array<ArrayBuffer> }>;
}

/** Bytes of the file. */
export function overlayFileSize({ size, runs }: Pick<OverlayFile, "size" | "runs">): number {
  let bytes = HEADER[VERSION] + runs.length * RUN + DIGEST;
  for (const index of dataBlocks(runs)) bytes += INDEX + blockLength(index, size) + CHECKSUM;
  return bytes;
}

/** The file as chunks. `blocks` gives the bytes of the blocks in `data` runs, in their order. */
export async function* writeOverlayFile(
  file: Pick<OverlayFile, "base" | "size" | "runs">,
  blocks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { runs } = file;
  const head = encodeHead(file);
  yield head;
  yield await sha256(head);
  const next = blocks[Symbol.asyncIterator]();
  for (const index of dataBlocks(runs)) {
    const { value } = await next.next();
    const block = new Uint8Array(INDEX + value.length);
    new DataView(block.buffer).setUint32(0, index, true);
    block.set(value, INDEX);
    yield block;
    yield (await sha256(block)).subarray(0, CHECKSUM);
  }
}

/** Reads and checks everything before the blocks. Throws `file-unreadable`. */
export async function readOverlayFile(reader: ByteReader): Promise<OverlayFile> {
  const start = await taken(reader, START, "is too short to be one");
  if (MAGIC.some((byte, at) => start[at] !== byte)) {
    throw overlayFileBad("is none: it begins otherwise", "Choose a file that QemuWeb exported as an overlay.");
  }
  const version = new DataView(start.buffer).getUint32(8, true);
  if (version > VERSION)
    throw overlayFileBad(`is of version ${version}, newer than this QemuWeb`, "Update the extension.");
  if (version !== 1 && version !== 2) throw senseless();
  const rest = await taken(reader, HEADER[version] - START);
  const { block, size, baseSize, samples, count } = decodeHead(version, rest);
  const blockCount = Math.ceil(size / BLOCK);
  // Before anything of that length is read.
  if (block !== BLOCK || size > MAX_DISK || baseSize > size || count > blockCount) throw senseless();
  const map = await taken(reader, count * RUN);
  if (!equal(await sha256(joined(start, rest, map)), await taken(reader, DIGEST))) {
    throw overlayFileBad("is damaged: the checksum of its header is wrong");
  }
  const runs = decodeRuns(new DataView(map.buffer), blockCount);
  const base = { size: baseSize, samples: samples.every((byte) => byte === 0) ? "blank" : hex(samples) };
  return { base, size, runs, blocks: () => readBlocks(reader, size, runs) };
}

async function* readBlocks(reader: ByteReader, size: number, runs: Run[]) {
  for (const index of dataBlocks(runs)) {
    const block = await taken(reader, INDEX + blockLength(index, size));
    const checksum = await taken(reader, CHECKSUM);
    const isRight = new DataView(block.buffer).getUint32(0, true) === index;
    if (!isRight || !equal((await sha256(block)).subarray(0, CHECKSUM), checksum)) {
      throw overlayFileBad(`is damaged: the checksum of block ${index} is wrong`);
    }
    yield { index, bytes: block.slice(INDEX) };
  }
  if (!(await reader.atEnd())) throw overlayFileBad("is damaged: it goes on after its end");
}

function* dataBlocks(runs: Run[]): Generator<number> {
  for (const { kind, first, count } of runs) {
    if (kind === "data") for (let index = first; index < first + count; index++) yield index;
  }
}

function encodeHead({ base, size, runs }: Pick<OverlayFile, "base" | "size" | "runs">): Uint8Array<ArrayBuffer> {
  const header = HEADER[VERSION];
  const head = new Uint8Array(header + runs.length * RUN);
  const view = new DataView(head.buffer);
  head.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, BLOCK, true);
  view.setBigUint64(16, BigInt(size), true);
  view.setBigUint64(24, BigInt(base.size), true);
  if (base.samples !== "blank") head.set(unhex(base.samples), 32);
  view.setUint32(64, runs.length, true);
  for (const [n, { kind, first, count }] of runs.entries()) {
    view.setUint32(header + n * RUN, first, true);
    view.setUint32(header + n * RUN + 4, count, true);
    view.setUint32(header + n * RUN + 8, KINDS[kind], true);
  }
  return head;
}

/** `rest`: the header from behind the version to the block map. */
function decodeHead(version: 1 | 2, rest: Uint8Array<ArrayBuffer>) {
  const view = new DataView(rest.buffer);
  const size = Number(view.getBigUint64(4, true));
  const at = version === 1 ? 12 : 20;
  return {
    block: view.getUint32(0, true),
    size,
    baseSize: version === 1 ? size : Number(view.getBigUint64(12, true)),
    samples: rest.subarray(at, at + DIGEST),
    count: view.getUint32(at + DIGEST, true),
  };
}

function decodeRuns(view: DataView, blockCount: number): Run[] {
  const runs: Run[] = [];
  let end = 0;
  for (let at = 0; at < view.byteLength; at += RUN) {
    const [first, count, code] = [0, 4, 8].map((field) => view.getUint32(at + field, true)) as [number, number, number];
    const kind = code === KINDS.data ? "data" : code === KINDS.zero ? "zero" : undefined;
    if (!kind || first < end || count === 0 || first + count > blockCount) throw senseless("block map");
    runs.push({ kind, first, count });
    end = first + count;
  }
  return runs;
}

function senseless(what = "header"): QemuWebError {
  return overlayFileBad(`is damaged: its ${what} makes no sense`);
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function taken(reader: ByteReader, length: number, why = "is incomplete"): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await reader.take(length);
  if (!bytes) throw overlayFileBad(why);
  return bytes;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
