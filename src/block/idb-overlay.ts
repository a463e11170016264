import { storeGone } from "./errors.ts";
import { type BlockKind, blockLength, type Overlay } from "./overlay.ts";
import type { OverlayConnection } from "./overlay-connection.ts";
import { type BlockKey, committed, type OverlayDatabase, type OverlayRecord } from "./overlay-database.ts";

/**
 * Blocks in one transaction. From 32 to 256 are stored equally fast (50 to 65 MB/s), and a read waits for one
 * transaction.
 */
export const BATCH = 64;

/** Blocks that wait in memory at most; a write beyond waits for the store. */
export const ROOM = 8 * BATCH;

/** What the store holds of a block. `unsure` after a failed transaction: it is in `dirty` until one succeeds. */
export const STORED = { absent: 0, data: 1, zero: 2, unsure: 3 } as const;

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
  readonly #connection: OverlayConnection;
  readonly #record: OverlayRecord;
  readonly #stored: Uint8Array;
  readonly #unlock: () => void;
  /** Least recently written first. */
  readonly #dirty = new Map<number, Change>();
  /** The transaction that was asked for last; they come one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #draining = false;
  /** The last transaction failed: only who can be told tries again. */
  #refused = false;
  /** Something was committed without strict durability. */
  #relaxed = false;
  #checked: OverlayDatabase | undefined;

  /** `stored`: what the store holds, by block index (STORED). `unlock` is called when the overlay is closed. */
  constructor(connection: OverlayConnection, record: OverlayRecord, stored: Uint8Array, unlock: () => void) {
    this.#connection = connection;
    this.#record = record;
    this.#stored = stored;
    this.#unlock = unlock;
  }

  kind(index: number): BlockKind {
    const change = this.#dirty.get(index);
    if (change) return change.bytes ? "data" : "zero";
    const stored = this.#stored[index];
    return stored === STORED.data ? "data" : stored === STORED.zero ? "zero" : "base";
  }

  async read(index: number): Promise<Uint8Array> {
    const change = this.#dirty.get(index);
    if (change?.bytes) return change.bytes;
    return this.#run("read the disk's changes", async (database) => {
      const bytes = await database.get("blocks", this.#key(index));
      if (bytes?.length !== blockLength(index, this.#record.base.size)) throw storeGone();
      return bytes;
    });
  }

  write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#accept(index, { bytes });
  }

  async clear(index: number): Promise<void> {
    const isNothing = this.#baseIsBlank && this.#stored[index] === STORED.absent && !this.#dirty.has(index);
    if (!isNothing) await this.#accept(index, { bytes: undefined });
  }

  async flush(): Promise<void> {
    const waiting = [...this.#dirty.keys()];
    while (waiting.length > BATCH) await this.#commit(waiting.splice(0, BATCH), "relaxed");
    await this.#commit(waiting, "strict");
  }

  /** What was not flushed may be lost. */
  async close(): Promise<void> {
    await this.#last;
    this.#dirty.clear();
    this.#unlock();
  }

  statistics(): OverlayStatistics {
    const statistics = { blocks: 0, zeroes: 0, bytes: 0, waiting: this.#dirty.size };
    for (const [index, stored] of this.#stored.entries()) {
      if (stored === STORED.zero) statistics.zeroes++;
      if (stored !== STORED.data) continue;
      statistics.blocks++;
      statistics.bytes += blockLength(index, this.#record.base.size);
    }
    return statistics;
  }

  get #baseIsBlank(): boolean {
    return this.#record.base.samples === "blank";
  }

  async #accept(index: number, change: Change): Promise<void> {
    while (this.#dirty.size >= ROOM && !this.#dirty.has(index)) await this.#commit(this.#oldest(), "relaxed");
    this.#dirty.delete(index);
    this.#dirty.set(index, change);
    if (this.#dirty.size >= BATCH && !this.#draining && !this.#refused) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    try {
      while (this.#dirty.size >= BATCH) await this.#commit(this.#oldest(), "relaxed");
    } catch {
      // Nobody waits for this. The changes stay; the next flush, or a write that finds no room, tries again and is
      // told.
    } finally {
      this.#draining = false;
    }
  }

  #oldest(): number[] {
    const indexes: number[] = [];
    for (const index of this.#dirty.keys()) {
      if (indexes.length === BATCH) break;
      indexes.push(index);
    }
    return indexes;
  }

  #commit(indexes: number[], durability: "strict" | "relaxed"): Promise<void> {
    const commit = this.#last.then(() => this.#store(indexes, durability));
    this.#last = commit.catch(() => undefined);
    return commit;
  }

  /** One transaction with what is still waiting of `indexes`. */
  async #store(indexes: number[], durability: "strict" | "relaxed"): Promise<void> {
    const changes: [number, Change][] = [];
    for (const index of indexes) {
      const change = this.#dirty.get(index);
      if (change) changes.push([index, change]);
    }
    const isStrict = durability === "strict";
    if (changes.length === 0 && !(isStrict && this.#relaxed)) return;
    try {
      await this.#run("store the disk's changes", (database) => this.#transaction(database, changes, isStrict));
    } catch (error) {
      this.#refused = true;
      for (const [index] of changes) this.#stored[index] = STORED.unsure;
      throw error;
    }
    this.#refused = false;
    this.#relaxed = !isStrict;
    for (const [index, change] of changes) {
      this.#stored[index] = change.bytes ? STORED.data : this.#baseIsBlank ? STORED.absent : STORED.zero;
      if (this.#dirty.get(index) === change) this.#dirty.delete(index);
    }
  }

  async #transaction(database: OverlayDatabase, changes: [number, Change][], isStrict: boolean): Promise<void> {
    const transaction = database.transaction(["overlays", "blocks", "zeroes"], "readwrite", {
      durability: isStrict ? "strict" : "relaxed",
    });
    const blocks = transaction.objectStore("blocks");
    const zeroes = transaction.objectStore("zeroes");
    await committed(transaction, (add) => {
      for (const [index, { bytes }] of changes) {
        const stored = this.#stored[index];
        const key = this.#key(index);
        if (bytes) add(blocks.put(bytes, key));
        else if (stored === STORED.data || stored === STORED.unsure) add(blocks.delete(key));
        if (!bytes && !this.#baseIsBlank) add(zeroes.put(0, key));
        else if (stored === STORED.zero || stored === STORED.unsure) add(zeroes.delete(key));
      }
      // Never an empty transaction: it might not wait for the disk.
      if (isStrict) add(transaction.objectStore("overlays").put({ ...this.#record, flushed: Date.now() }));
    });
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

  #key(index: number): BlockKey {
    const { vm, disk, generation } = this.#record;
    return [vm, disk, generation, index];
  }
}
