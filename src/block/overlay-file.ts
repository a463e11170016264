/** The overlay file: docs/formats/overlay.md has its layout and the reasons. */
import type { ByteReader } from "./byte-reader.ts";
import { overlayFileBad } from "./errors.ts";
import { type BaseIdentity, hex } from "./identity.ts";
import { BLOCK, blockLength } from "./overlay.ts";

const MAGIC = Uint8Array.of(0x89, 0x51, 0x57, 0x4f, 0x56, 0x0d, 0x0a, 0x1a);
const VERSION = 1;
const HEADER = 60;
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
  base: BaseIdentity;
  /** In the order of the disk. */
  runs: Run[];
  /**
   * The blocks of the `data` runs, in their order, each checked. Throws `file-unreadable`; ends well only at the file's
   * end.
   */
  blocks(): AsyncGenerator<{ index: number; bytes: Uint8Array<ArrayBuffer> }>;
}

/** The file as chunks. `blocks` gives the bytes of the blocks in `data` runs, in their order. */
export async function* writeOverlayFile(
  base: BaseIdentity,
  runs: Run[],
  blocks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const head = encodeHead(base, runs);
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
  const fixed = await taken(reader, HEADER, "is too short to be one");
  if (MAGIC.some((byte, at) => fixed[at] !== byte)) {
    throw overlayFileBad("is none: it begins otherwise", "Choose a file that QemuWeb exported as an overlay.");
  }
  const view = new DataView(fixed.buffer);
  const version = view.getUint32(8, true);
  if (version > VERSION)
    throw overlayFileBad(`is of version ${version}, newer than this QemuWeb`, "Update the extension.");
  const size = Number(view.getBigUint64(16, true));
  const count = view.getUint32(56, true);
  const blockCount = Math.ceil(size / BLOCK);
  // Before anything of that length is read.
  if (version !== VERSION || view.getUint32(12, true) !== BLOCK || !Number.isSafeInteger(size) || count > blockCount) {
    throw overlayFileBad("is damaged: its header makes no sense");
  }
  const map = await taken(reader, count * RUN);
  const head = new Uint8Array(HEADER + map.length);
  head.set(fixed);
  head.set(map, HEADER);
  if (!equal(await sha256(head), await taken(reader, DIGEST))) {
    throw overlayFileBad("is damaged: the checksum of its header is wrong");
  }
  const samples = fixed.subarray(24, 56);
  const runs = decodeRuns(new DataView(map.buffer), blockCount);
  const base = { size, samples: samples.every((byte) => byte === 0) ? "blank" : hex(samples) };
  return { base, runs, blocks: () => readBlocks(reader, size, runs) };
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

function encodeHead(base: BaseIdentity, runs: Run[]): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(HEADER + runs.length * RUN);
  const view = new DataView(head.buffer);
  head.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, BLOCK, true);
  view.setBigUint64(16, BigInt(base.size), true);
  if (base.samples !== "blank")
    head.set(
      Uint8Array.from(base.samples.match(/../g) ?? [], (byte) => parseInt(byte, 16)),
      24,
    );
  view.setUint32(56, runs.length, true);
  for (const [n, { kind, first, count }] of runs.entries()) {
    view.setUint32(HEADER + n * RUN, first, true);
    view.setUint32(HEADER + n * RUN + 4, count, true);
    view.setUint32(HEADER + n * RUN + 8, KINDS[kind], true);
  }
  return head;
}

function decodeRuns(view: DataView, blockCount: number): Run[] {
  const runs: Run[] = [];
  let end = 0;
  for (let at = 0; at < view.byteLength; at += RUN) {
    const [first, count, code] = [0, 4, 8].map((field) => view.getUint32(at + field, true)) as [number, number, number];
    const kind = code === KINDS.data ? "data" : code === KINDS.zero ? "zero" : undefined;
    if (!kind || first < end || count === 0 || first + count > blockCount) {
      throw overlayFileBad("is damaged: its block map makes no sense");
    }
    runs.push({ kind, first, count });
    end = first + count;
  }
  return runs;
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
