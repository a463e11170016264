/**
 * Where the blocks of an overlay lie in its data file, as it is stored: a journal of changes. All numbers have 4 bytes,
 * little-endian.
 *
 * | bytes | what |
 * |---|---|
 * | 4 | magic: `QWSJ` |
 * | 4 | version: 1 |
 * | 4 | epoch |
 * | 4 | CRC-32 of the above |
 * | then batches: 4 | CRC-32 of the batch without this |
 * | 4 | count of its runs |
 * | 12 each | run: first block, count of blocks, slot of the first; or ZERO, or NONE, for all of them |
 *
 * A later run overrules an earlier one. A batch that is cut off, or altered, ends the journal: it was not flushed. There are two
 * files, of which the one with the higher epoch and at least one batch counts: a journal that got long is written anew, as one
 * batch, into the other.
 */
import { crc32 } from "../../core/crc32.ts";
import { overlayBroken } from "../errors.ts";
import type { SyncHandle } from "../opfs.ts";
import { type SlotRun, SlotTable } from "./slot-table.ts";

const MAGIC = 0x4a535751;
const VERSION = 1;
const HEADER = 16;
const RUN = 12;

/** Bytes that a journal may have, beside twice what it would have if it were written anew. */
const SLACK = 1 << 20;

interface Parsed {
  epoch: number;
  runs: SlotRun[];
  /** Bytes up to the end of the last whole batch. */
  length: number;
}

/** Undefined when it is none, or has no batch. */
function parse(bytes: Uint8Array<ArrayBuffer>): Parsed | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) => view.getUint32(at, true);
  if (bytes.length < HEADER || word(0) !== MAGIC || word(12) !== crc32(bytes.subarray(0, 12))) return undefined;
  if (word(4) !== VERSION) throw overlayBroken("They were made by a newer version of QemuWeb.");
  const runs: SlotRun[] = [];
  let at = HEADER;
  while (at + 8 <= bytes.length) {
    const end = at + 8 + word(at + 4) * RUN;
    if (end > bytes.length || word(at) !== crc32(bytes.subarray(at + 4, end))) break;
    for (let n = at + 8; n < end; n += RUN) runs.push({ first: word(n), count: word(n + 4), slot: word(n + 8) });
    at = end;
  }
  return at === HEADER ? undefined : { epoch: word(8), runs, length: at };
}

function header(epoch: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER));
  for (const [n, word] of [MAGIC, VERSION, epoch].entries()) view.setUint32(4 * n, word, true);
  view.setUint32(12, crc32(new Uint8Array(view.buffer, 0, 12)), true);
  return new Uint8Array(view.buffer);
}

function batch(runs: readonly SlotRun[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 + RUN * runs.length));
  view.setUint32(4, runs.length, true);
  for (const [n, { first, count, slot }] of runs.entries()) {
    for (const [m, word] of [first, count, slot].entries()) view.setUint32(8 + RUN * n + 4 * m, word, true);
  }
  view.setUint32(0, crc32(new Uint8Array(view.buffer, 4)), true);
  return new Uint8Array(view.buffer);
}

/** A journal's first bytes: of a disk whose blocks are `runs`. */
export function newJournal(runs: readonly SlotRun[] = [], epoch = 1): Uint8Array<ArrayBuffer> {
  const [start, first] = [header(epoch), batch(runs)];
  const bytes = new Uint8Array(start.length + first.length);
  bytes.set(start);
  bytes.set(first, start.length);
  return bytes;
}

/** The journal that counts. Throws `storage-failed` when neither is one. */
function newest(files: readonly Uint8Array<ArrayBuffer>[]): { parsed: Parsed; index: number } {
  let found: { parsed: Parsed; index: number } | undefined;
  for (const [index, bytes] of files.entries()) {
    const parsed = parse(bytes);
    if (parsed && parsed.epoch > (found?.parsed.epoch ?? 0)) found = { parsed, index };
  }
  if (!found) throw overlayBroken("Where they lie is not known any more.");
  return found;
}

function replay({ runs }: Parsed, blocks: number): SlotTable {
  const table = new SlotTable(blocks);
  for (const run of runs) {
    if (run.first + run.count > blocks) throw overlayBroken("They belong to a larger disk.");
    table.put(run);
  }
  return table;
}

/** The two journals of an overlay that is open, of which one is written to. */
export class SlotJournal {
  #length: number;

  private constructor(
    readonly table: SlotTable,
    readonly handle: SyncHandle,
    length: number,
  ) {
    this.#length = length;
  }

  /** Throws `storage-failed` when neither handle has a journal, or what the handles throw. */
  static open(handles: readonly [SyncHandle, SyncHandle], blocks: number): SlotJournal {
    const { parsed, index } = newest(handles.map(contents));
    const table = replay(parsed, blocks);
    const [current, other] = index === 0 ? handles : [handles[1], handles[0]];
    const runs = [...table.runs()];
    if (parsed.length <= 2 * (HEADER + 8 + RUN * runs.length) + SLACK) {
      // What was cut off must not be taken for a batch once others lie before it.
      current.truncate(parsed.length);
      return new SlotJournal(table, current, parsed.length);
    }
    const anew = newJournal(runs, parsed.epoch + 1);
    other.truncate(0);
    write(other, anew, 0);
    other.flush();
    current.truncate(0);
    return new SlotJournal(table, other, anew.length);
  }

  /** Durable when this returns. When it throws, the next call may say the same again. */
  append(runs: readonly SlotRun[]): void {
    const bytes = batch(runs);
    write(this.handle, bytes, this.#length);
    this.handle.flush();
    this.#length += bytes.length;
  }
}

function contents(handle: SyncHandle): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(handle.getSize());
  return bytes.subarray(0, handle.read(bytes, { at: 0 }));
}

function write(handle: SyncHandle, bytes: Uint8Array, at: number): void {
  const done = handle.write(bytes, { at });
  if (done < bytes.length)
    throw new DOMException(`${done} of ${bytes.length} bytes were written`, "QuotaExceededError");
}
