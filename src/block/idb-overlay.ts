import type { Connection } from "./connection.ts";
import { storageFailed, storeGone } from "./errors.ts";
import { type BlockKind, blockLength, type Overlay } from "./overlay.ts";
import {
  type BlockKey,
  changed,
  committed,
  type OverlayDatabase,
  type OverlayRecord,
  PAGE,
  setBit,
} from "./overlay-database.ts";
import { HAS, type Layers } from "./overlay-layers.ts";
import { freezeRecord } from "./overlay-states.ts";

/**
 * Blocks with data in one transaction. From 32 to 256 are stored equally fast (50 to 65 MB/s), and a read waits for one
 * transaction.
 */
export const BATCH = 64;

/** Blocks with data that wait in memory at most; a write beyond waits for the store. */
export const ROOM = 8 * BATCH;

/**
 * Blocks as they are stored that are kept in memory, the least recently used go first: what a guest writes or reads by parts of a
 * block would be fetched again for each.
 */
export const RECENT = 256;

/** Of cleared blocks, which are a bit each in the store, a page's go into one transaction, and some pages' wait. */
const CLEARED_BATCH = PAGE;
const CLEARED_ROOM = 16 * PAGE;

/**
 * What the store has of a block in the generation that is written. After a failed transaction it may have it or not: then the block
 * is in `dirty` until one succeeds.
 */
const STORED = { ...HAS, perhapsHole: 4 } as const;

/** Not yet in the store; no bytes: zeroes. A new object for every write, so that a newer one is told from an older. */
interface Change {
  bytes: Uint8Array<ArrayBuffer> | undefined;
}

export interface OverlayStatistics {
  /** Blocks with data in the store, and those that only say "zeroes". */
  blocks: number;
  zeroes: number;
  /** Bytes of the blocks with data. */
  bytes: number;
  /** Blocks that wait in memory. */
  waiting: number;
}

/**
 * An overlay in IndexedDB. Writes are accepted into memory and stored behind the writer's back, a batch to a
 * transaction; `flush` stores the rest, the last transaction with strict durability. What the store refuses stays in
 * memory: a later flush tries again.
 */
export class IdbOverlay implements Overlay {
  readonly #connection: Connection<OverlayDatabase>;
  #record: OverlayRecord;
  readonly #stored: Uint8Array;
  readonly #layers: Layers;
  readonly #unlock: () => void;
  /** Least recently written first. */
  readonly #dirty = new Map<number, Change>();
  /** Those of `#dirty` that have data. */
  #dirtyData = 0;
  /** Oldest use first. */
  readonly #recent = new Map<number, Uint8Array>();
  /** The transaction that was asked for last; they come one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #draining = false;
  /** The last transaction failed: only who can be told tries again. */
  #refused = false;
  /** Something was committed without strict durability. */
  #relaxed = false;
  #checked: OverlayDatabase | undefined;

  /**
   * `stored`: what the store has in the record's generation, by block index (HAS); `layers`: what lies below it. `unlock` is
   * called when the overlay is closed.
   */
  constructor(
    connection: Connection<OverlayDatabase>,
    record: OverlayRecord,
    { stored, layers }: { stored: Uint8Array; layers: Layers },
    unlock: () => void,
  ) {
    this.#connection = connection;
    this.#record = record;
    this.#stored = stored;
    this.#layers = layers;
    this.#unlock = unlock;
  }

  /** Bytes of the disk. */
  get size(): number {
    return this.#record.size;
  }

  kind(index: number): BlockKind {
    const change = this.#dirty.get(index);
    if (change) return change.bytes ? "data" : "zero";
    return this.#kindStored(index);
  }

  async read(index: number): Promise<Uint8Array> {
    const change = this.#dirty.get(index);
    if (change?.bytes) return change.bytes;
    const kept = this.#recent.get(index);
    const bytes = kept ?? (await this.#run("read the disk's changes", (database) => this.#fetch(database, index)));
    this.#keep(index, bytes);
    return bytes;
  }

  async write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    while (this.#dirtyData >= ROOM && !this.#dirty.get(index)?.bytes) await this.#commit(this.#oldest(), "relaxed");
    this.#put(index, { bytes });
    this.#drainSoon();
  }

  async clear(first: number, count: number): Promise<void> {
    const change: Change = { bytes: undefined };
    for (let index = first; index < first + count; index++) {
      if (!this.#dirty.has(index) && this.#isZero(index)) continue;
      while (this.#dirty.size - this.#dirtyData >= CLEARED_ROOM) await this.#commit(this.#oldest(), "relaxed");
      this.#put(index, change);
    }
    this.#drainSoon();
  }

  async flush(): Promise<void> {
    const waiting = [...this.#dirty.keys()];
    for (;;) {
      const batch = this.#batch(waiting);
      if (batch.length === waiting.length) return this.#commit(batch, "strict");
      await this.#commit(batch, "relaxed");
      waiting.splice(0, batch.length);
    }
  }

  /**
   * Keeps what the disk is now, with all that was written before this call, for a snapshot; what is written from now on is
   * apart from it.
   */
  async freeze(snapshot: string): Promise<void> {
    await this.flush();
    const freezing = this.#last.then(() => this.#freeze(snapshot));
    this.#last = freezing.catch(() => undefined);
    return freezing;
  }

  /** What was not flushed may be lost. */
  async close(): Promise<void> {
    await this.#last;
    this.#dirty.clear();
    this.#dirtyData = 0;
    this.#recent.clear();
    this.#unlock();
  }

  statistics(): OverlayStatistics {
    const statistics = { blocks: 0, zeroes: 0, bytes: 0, waiting: this.#dirty.size };
    for (let index = 0; index < this.#stored.length; index++) {
      const kind = this.#kindStored(index);
      if (kind === "data") {
        statistics.blocks++;
        statistics.bytes += blockLength(index, this.size);
      } else if (kind === "zero") statistics.zeroes++;
    }
    return statistics;
  }

  #kindStored(index: number): BlockKind {
    const stored = this.#stored[index] ?? 0;
    return stored & STORED.data ? "data" : stored & STORED.hole ? "zero" : this.#layers.kind(index);
  }

  /** Of a block that isn't dirty. */
  #isZero(index: number): boolean {
    return this.#isZeroAs(this.#kindStored(index));
  }

  /** What lies below the generation that is written is zeroes: there, nothing reads as zeroes too. */
  #isZeroBelow(index: number): boolean {
    return this.#isZeroAs(this.#layers.kind(index));
  }

  #isZeroAs(kind: BlockKind): boolean {
    return kind === "zero" || (kind === "base" && this.#record.base.samples === "blank");
  }

  async #fetch(database: OverlayDatabase, index: number): Promise<Uint8Array> {
    const isOwn = ((this.#stored[index] ?? 0) & STORED.data) !== 0;
    const bytes = await database.get("blocks", this.#key(index, isOwn ? undefined : this.#layers.generation(index)));
    if (bytes?.length !== blockLength(index, this.size)) throw storeGone();
    return bytes;
  }

  #keep(index: number, bytes: Uint8Array): void {
    this.#recent.delete(index);
    this.#recent.set(index, bytes);
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= RECENT) break;
      this.#recent.delete(oldest);
    }
  }

  #put(index: number, change: Change): void {
    this.#forget(index);
    this.#recent.delete(index);
    this.#dirty.set(index, change);
    if (change.bytes) this.#dirtyData++;
  }

  #forget(index: number): void {
    if (this.#dirty.get(index)?.bytes) this.#dirtyData--;
    this.#dirty.delete(index);
  }

  get #isFull(): boolean {
    return this.#dirtyData >= BATCH || this.#dirty.size >= CLEARED_BATCH;
  }

  #drainSoon(): void {
    if (this.#isFull && !this.#draining && !this.#refused) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    try {
      while (this.#isFull) await this.#commit(this.#oldest(), "relaxed");
    } catch {
      // Nobody waits for this. The changes stay; the next flush, or a write that finds no room, tries again and is
      // told.
    } finally {
      this.#draining = false;
    }
  }

  #oldest(): number[] {
    return this.#batch(this.#dirty.keys());
  }

  /** The first of `indexes`, as many as one transaction takes. */
  #batch(indexes: Iterable<number>): number[] {
    const batch: number[] = [];
    let data = 0;
    for (const index of indexes) {
      if (this.#dirty.get(index)?.bytes && ++data > BATCH) break;
      batch.push(index);
      if (batch.length === CLEARED_BATCH) break;
    }
    return batch;
  }

  #commit(indexes: number[], durability: "strict" | "relaxed"): Promise<void> {
    const commit = this.#last.then(() => this.#store(indexes, durability));
    this.#last = commit.catch(() => undefined);
    return commit;
  }

  /** One transaction with what is still waiting of `indexes`. */
  async #store(indexes: number[], durability: "strict" | "relaxed"): Promise<void> {
    const changes = new Map<number, Change>();
    for (const index of indexes) {
      const change = this.#dirty.get(index);
      if (change) changes.set(index, change);
    }
    const isStrict = durability === "strict";
    if (changes.size === 0 && !(isStrict && this.#relaxed)) return;
    try {
      await this.#run("store the disk's changes", (database) => this.#transaction(database, changes, isStrict));
    } catch (error) {
      this.#refused = true;
      for (const [index, { bytes }] of changes) this.#mark(index, bytes ? STORED.data : STORED.perhapsHole);
      throw error;
    }
    this.#refused = false;
    this.#relaxed = !isStrict;
    for (const [index, change] of changes) {
      if (change.bytes) this.#mark(index, STORED.data);
      else
        this.#stored[index] = ((this.#stored[index] ?? 0) & STORED.hole) | (this.#isZeroBelow(index) ? 0 : STORED.hole);
      if (this.#dirty.get(index) !== change) continue;
      this.#forget(index);
      if (change.bytes) this.#keep(index, change.bytes);
    }
  }

  #mark(index: number, what: number): void {
    this.#stored[index] = (this.#stored[index] ?? 0) | what;
  }

  async #transaction(database: OverlayDatabase, changes: Map<number, Change>, isStrict: boolean): Promise<void> {
    const transaction = database.transaction(["overlays", "blocks", "holes"], "readwrite", {
      durability: isStrict ? "strict" : "relaxed",
    });
    const blocks = transaction.objectStore("blocks");
    const holes = transaction.objectStore("holes");
    await committed(transaction, (add) => {
      const cleared: number[] = [];
      for (const [index, { bytes }] of changes) {
        if (bytes) add(blocks.put(bytes, this.#key(index)));
        else cleared.push(index);
      }
      const full = cleared.filter((index) => (this.#stored[index] ?? 0) & STORED.data);
      for (const [first, end] of runs(full)) {
        add(blocks.delete(IDBKeyRange.bound(this.#key(first), this.#key(end), false, true)));
      }
      const hidden = cleared.filter((index) => !this.#isZeroBelow(index));
      const pages = new Set(hidden.map((index) => Math.floor(index / PAGE)));
      for (const page of pages) add(holes.put(this.#holesOf(page, changes), this.#key(page)));
      // Never an empty transaction: it might not wait for the disk.
      if (isStrict) add(transaction.objectStore("overlays").put({ ...this.#record, flushed: Date.now() }));
    });
  }

  /** A page as it is with `changes`. Bits that are set already stay: data wins over them. */
  #holesOf(page: number, changes: Map<number, Change>): Uint8Array {
    const bits = new Uint8Array(PAGE / 8);
    for (let n = 0; n < PAGE; n++) {
      const index = page * PAGE + n;
      const change = changes.get(index);
      const isHole = ((this.#stored[index] ?? 0) & (STORED.hole | STORED.perhapsHole)) !== 0;
      if (isHole || (change && !change.bytes && !this.#isZeroBelow(index))) setBit(bits, n);
    }
    return bits;
  }

  async #freeze(snapshot: string): Promise<void> {
    // What a failed transaction left of a block is known when one succeeds.
    if (this.#refused) throw storageFailed("keep the disk's state", new Error("a change before it was not stored"));
    const isEmpty = !this.#stored.some((what) => what !== 0);
    const { generation } = this.#record;
    this.#record = await this.#run("keep the disk's state", (database) =>
      changed(database, (change) => freezeRecord(change, this.#record, isEmpty, snapshot)),
    );
    if (this.#record.generation === generation) return;
    this.#layers.add(generation, this.#stored);
    this.#stored.fill(0);
  }

  async #run<T>(what: string, work: (database: OverlayDatabase) => Promise<T>): Promise<T> {
    return this.#connection.run(what, async (database) => {
      if (database !== this.#checked) await this.#check(database);
      return work(database);
    });
  }

  /** A database that was opened again may be another: deleted, and made anew. */
  async #check(database: OverlayDatabase): Promise<void> {
    const { vm, disk, generation } = this.#record;
    const record = await database.get("overlays", [vm, disk]);
    if (record?.generation !== generation) throw storeGone();
    this.#checked = database;
  }

  /** Of a block, or of a page of holes. */
  #key(index: number, generation = this.#record.generation): BlockKey {
    const { vm, disk } = this.#record;
    return [vm, disk, generation, index];
  }
}

/** Successive numbers as ranges, each with its end. */
function runs(numbers: number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const n of numbers.sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last?.[1] === n) last[1]++;
    else found.push([n, n + 1]);
  }
  return found;
}
