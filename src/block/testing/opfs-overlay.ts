import { overlayBroken } from "../errors.ts";
import { all, type OpfsFile, type SyncHandle } from "../opfs.ts";
import { BLOCK, type BlockKind, blockLength, type Overlay } from "../overlay.ts";
import { newJournal, SlotJournal } from "./slot-journal.ts";
import { NONE, type SlotRun, type SlotTable, ZERO } from "./slot-table.ts";

/** The files of an overlay that is open: its blocks, and the two journals that say where they lie. */
export interface OverlayHandles {
  data: SyncHandle;
  journals: readonly [SyncHandle, SyncHandle];
}

/** Free slots, beside as many as are in use, that are let be. */
const WASTE = 1024;
/** Blocks moved at one opening: a second's work at most. */
const MOVES = 4096;

/**
 * An overlay in the origin's private file system, for the conformance suite and `npm run bench:disk`: what overlays in IndexedDB,
 * which disks have (docs/decisions/0008), are compared with. Its data file is made of slots of a block each. A block that is written goes to
 * a slot that no flushed state uses; `flush` makes the slots durable first, then the journal's batch that says so. A crash at any
 * moment leaves every block as the last flush had it, or as a later write did, whole. Everything is written at once, nothing waits
 * in memory.
 */
export class OpfsOverlay implements Overlay {
  readonly #handles: OverlayHandles;
  readonly #size: number;
  readonly #baseIsBlank: boolean;
  readonly #released: () => void;
  readonly #journal: SlotJournal;
  readonly #table: SlotTable;
  /** What the next flush puts into the journal. */
  #changes: SlotRun[] = [];
  /** Slots that were written since the last flush: nothing durable points to them. */
  #fresh = new Set<number>();
  /** Slots that may be written to, the lowest last. */
  #free: number[] = [];
  /** Slots that are free when the next flush is done. */
  #leaving: number[] = [];
  /** Slots in the data file. */
  #end = 0;

  /** `released` is called when it is closed. Throws what is wrong with the journals. */
  constructor(handles: OverlayHandles, size: number, baseIsBlank: boolean, released: () => void) {
    this.#handles = handles;
    this.#size = size;
    this.#baseIsBlank = baseIsBlank;
    this.#released = released;
    this.#journal = SlotJournal.open(handles.journals, Math.ceil(size / BLOCK));
    this.#table = this.#journal.table;
    const blocks = this.#findSlots();
    if (this.#free.length > Math.max(WASTE, blocks.length / 2)) this.#compact(blocks);
  }

  kind(index: number): BlockKind {
    const slot = this.#table.get(index);
    return slot === NONE ? "base" : slot === ZERO ? "zero" : "data";
  }

  async read(index: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(blockLength(index, this.#size));
    all("read the disk's changes", bytes.length, () =>
      this.#handles.data.read(bytes, { at: this.#table.get(index) * BLOCK }),
    );
    return bytes;
  }

  async write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const old = this.#table.get(index);
    const slot = this.#fresh.has(old) ? old : (this.#free.pop() ?? this.#end++);
    // A slot is always whole, so that a disk that grows has zeroes behind its old end.
    const whole = bytes.length === BLOCK ? bytes : padded(bytes);
    try {
      all("store the disk's changes", BLOCK, () => this.#handles.data.write(whole, { at: slot * BLOCK }));
    } catch (error) {
      if (slot !== old) this.#free.push(slot);
      throw error;
    }
    if (slot === old) return;
    this.#fresh.add(slot);
    this.#put({ first: index, count: 1, slot });
  }

  async clear(first: number, count: number): Promise<void> {
    const slot = this.#baseIsBlank ? NONE : ZERO;
    // Only what isn't so yet: a disk may be cleared again and again.
    for (let index = first; index < first + count; index++) {
      if (this.#table.get(index) === slot) continue;
      let end = index + 1;
      while (end < first + count && this.#table.get(end) !== slot) end++;
      this.#put({ first: index, count: end - index, slot });
      index = end;
    }
  }

  async flush(): Promise<void> {
    this.#commit();
  }

  async close(): Promise<void> {
    for (const handle of [this.#handles.data, ...this.#handles.journals]) handle.close();
    this.#released();
  }

  #put(run: SlotRun): void {
    for (let index = run.first; index < run.first + run.count; index++) this.#leave(this.#table.get(index));
    this.#table.put(run);
    const last = this.#changes.at(-1);
    const follows = last !== undefined && last.first + last.count === run.first;
    if (follows && (run.slot >= NONE ? run.slot === last.slot : run.slot === last.slot + last.count)) {
      last.count += run.count;
    } else this.#changes.push({ ...run });
  }

  #leave(slot: number): void {
    if (slot >= NONE) return;
    if (this.#fresh.delete(slot)) this.#free.push(slot);
    else this.#leaving.push(slot);
  }

  #commit(): void {
    const { data } = this.#handles;
    all("store the disk's changes", 0, () => {
      if (this.#fresh.size > 0) data.flush();
      if (this.#changes.length > 0) this.#journal.append(this.#changes);
      return 0;
    });
    this.#changes = [];
    this.#fresh.clear();
    for (const slot of this.#leaving) this.#free.push(slot);
    this.#leaving = [];
  }

  /** Finds which slots are in use, and ends the data file behind the last. By slot: its block and 1, or 0 when it is free. */
  #findSlots(): Uint32Array {
    const { data } = this.#handles;
    const runs = [...this.#table.runs()].filter((run) => run.slot < NONE);
    this.#end = runs.reduce((end, run) => Math.max(end, run.slot + run.count), 0);
    if (data.getSize() < this.#end * BLOCK) throw overlayBroken("Some of them are missing.");
    const blocks = new Uint32Array(this.#end);
    for (const { first, count, slot } of runs) {
      for (let n = 0; n < count; n++) {
        if (blocks[slot + n] !== 0) throw overlayBroken("Two blocks lie at the same place.");
        blocks[slot + n] = first + n + 1;
      }
    }
    this.#free = [];
    for (let slot = this.#end - 1; slot >= 0; slot--) if (blocks[slot] === 0) this.#free.push(slot);
    data.truncate(this.#end * BLOCK);
    return blocks;
  }

  /** Moves blocks from the data file's end into free slots before, so that it takes less space: some at every opening. */
  #compact(blocks: Uint32Array): void {
    const bytes = new Uint8Array(BLOCK);
    for (let slot = blocks.length - 1, moved = 0; slot >= 0 && moved < MOVES; slot--) {
      const block = blocks[slot];
      if (!block) continue;
      const to = this.#free.pop();
      if (to === undefined || to > slot) break;
      all("read the disk's changes", BLOCK, () => this.#handles.data.read(bytes, { at: slot * BLOCK }));
      all("store the disk's changes", BLOCK, () => this.#handles.data.write(bytes, { at: to * BLOCK }));
      this.#fresh.add(to);
      this.#put({ first: block - 1, count: 1, slot: to });
      moved++;
    }
    this.#commit();
    this.#findSlots();
  }
}

function padded(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(BLOCK);
  whole.set(bytes);
  return whole;
}

/** Files that are empty become an empty overlay: its data, and its two journals. */
export async function openOpfsOverlay(files: readonly OpfsFile[], size: number): Promise<OpfsOverlay> {
  const [data, one, other] = await Promise.all(files.map((file) => file.createSyncAccessHandle()));
  if (!data || !one || !other) throw new Error("An overlay has three files.");
  if (one.getSize() + other.getSize() === 0) one.write(newJournal(), { at: 0 });
  return new OpfsOverlay({ data, journals: [one, other] }, size, false, () => undefined);
}
