import { ByteReader } from "./byte-reader.ts";
import { Connection } from "./connection.ts";
import { diskBusy, noOverlay, otherBase, storeGone } from "./errors.ts";
import { IdbOverlay } from "./idb-overlay.ts";
import { type BaseIdentity, sameBase } from "./identity.ts";
import { type TakeLock, takeWebLock } from "./lock.ts";
import { BLOCK, blockLength } from "./overlay.ts";
import {
  generationKeys,
  type OverlayDatabase,
  type OverlayRecord,
  openOverlayDatabase,
  otherGenerations,
} from "./overlay-database.ts";
import { type OverlayFile, overlayFileSize, type Run, readOverlayFile, writeOverlayFile } from "./overlay-file.ts";
import {
  batchesOf,
  createOverlay,
  deleteBlocks,
  deleteOverlay,
  putBatch,
  putOverlay,
  runsOf,
  storedBlocks,
} from "./overlay-rows.ts";
import { unlessAborted } from "./settle.ts";

/** Blocks read at once for an export: 1 MiB. */
const READ = 16;
const READING = "read the disk's changes";

/** The image that an overlay lies over. */
export interface OverlayBase extends BaseIdentity {
  /** Bytes of a disk over it that was never resized, if not the image's: there is room behind one that grows. */
  diskSize?: number;
}

/** An overlay as it is stored. */
export interface OverlaySummary {
  vm: string;
  disk: string;
  /** Bytes of the disk. */
  size: number;
  /** Bytes of the blocks that it has. */
  bytes: number;
  /** It has none, and no zeroes either. */
  isEmpty: boolean;
  /** When it was last flushed, milliseconds since 1970. */
  flushed: number;
}

/**
 * All overlays, in IndexedDB. An overlay that is open, exported, imported, resized or removed is locked: everything else with
 * it rejects with `disk-busy` meanwhile, in all windows. What the browser refuses is `storage-full` or `storage-failed`.
 */
export class OverlayStore {
  readonly #connection: Connection<OverlayDatabase>;
  readonly #takeLock: TakeLock;

  constructor(name = "qemuweb-disks", takeLock = takeWebLock) {
    this.#connection = new Connection(name, openOverlayDatabase);
    this.#takeLock = takeLock;
  }

  /** The disk's overlay, made if there is none. Rejects with `overlay-foreign` when it was made over another base. */
  async open(vm: string, disk: string, base: OverlayBase): Promise<IdbOverlay> {
    const overlay = await this.#open(vm, disk, base, (database) =>
      createOverlay(database, { vm, disk, base: identityOf(base), size: base.diskSize ?? base.size }),
    );
    return overlay ?? Promise.reject(noOverlay());
  }

  /** The disk's overlay if there is one; rejects as `open` does. */
  find(vm: string, disk: string, base: OverlayBase): Promise<IdbOverlay | undefined> {
    return this.#open(vm, disk, base, async () => undefined);
  }

  /**
   * The overlay as a file, and its length. Locked until the stream ends or is cancelled; `signal` ends it with an error.
   */
  async export(
    vm: string,
    disk: string,
    signal?: AbortSignal,
  ): Promise<{ size: number; stream: ReadableStream<Uint8Array<ArrayBuffer>> }> {
    const unlock = await this.#lock(vm, disk);
    try {
      const [record, runs] = await this.#connection.run(READING, async (database) => {
        const record = await database.get("overlays", [vm, disk]);
        if (!record) throw noOverlay();
        return [record, runsOf(await storedBlocks(database, record))] as const;
      });
      const file = { base: record.base, size: record.size, runs };
      const chunks = writeOverlayFile(file, this.#blocks(record, runs));
      return { size: overlayFileSize(file), stream: streamOf(chunks, unlock, signal) };
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /**
   * Replaces the disk's overlay by the one in the file, at once when all of the file was read and is right; until then,
   * and when it is not (`overlay-file-bad`), the old one stays as it is. Rejects with `overlay-foreign` when it belongs
   * to another base.
   */
  async import(
    vm: string,
    disk: string,
    base: OverlayBase,
    file: ReadableStream<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void> {
    const reader = new ByteReader(file);
    let unlock: (() => void) | undefined;
    try {
      unlock = await this.#lock(vm, disk);
      const overlay = await unlessAborted(readOverlayFile(reader), signal);
      if (!belongs(overlay.base, base)) throw otherBase();
      await this.#replace(vm, disk, { ...overlay, base: identityOf(base) }, signal);
    } catch (error) {
      // A source that is broken already can't be cancelled; what broke it is what the caller hears.
      reader.cancel(error).catch(() => undefined);
      throw error;
    } finally {
      unlock?.();
    }
  }

  /** Makes the disk longer: zeroes behind what it has. Makes its overlay, if there is none. */
  async grow(vm: string, disk: string, base: OverlayBase, size: number): Promise<void> {
    const overlay = await this.open(vm, disk, base);
    try {
      await this.#connection.run("resize the disk", async (database) => {
        const record = await database.get("overlays", [vm, disk]);
        if (!record) throw storeGone();
        if (size <= record.size) return;
        // A block that was the short last one becomes as long as the others.
        const index = Math.floor(record.size / BLOCK);
        const key: [string, string, number, number] = [vm, disk, record.generation, index];
        const transaction = database.transaction(["overlays", "blocks"], "readwrite", { durability: "strict" });
        const last = await transaction.objectStore("blocks").get(key);
        if (last) {
          const longer = new Uint8Array(blockLength(index, size));
          longer.set(last);
          await transaction.objectStore("blocks").put(longer, key);
        }
        await transaction.objectStore("overlays").put({ ...record, size });
        await transaction.done;
      });
    } finally {
      await overlay.close();
    }
  }

  /** Forgets everything that was written to the disk. */
  async remove(vm: string, disk: string): Promise<void> {
    const unlock = await this.#lock(vm, disk);
    try {
      await this.#connection.run("delete the disk's changes", (database) => deleteOverlay(database, vm, disk));
    } finally {
      unlock();
    }
  }

  /** All overlays as they are stored; of one that is open, what it stored up to now. */
  list(): Promise<OverlaySummary[]> {
    return this.#connection.run(READING, async (database) => {
      const records = await database.getAll("overlays");
      return Promise.all(records.map((record) => summary(database, record)));
    });
  }

  /** One block as it is stored, without opening the overlay; undefined when it has none of its own. */
  peek(vm: string, disk: string, index: number): Promise<Uint8Array | undefined> {
    return this.#connection.run(READING, async (database) => {
      const record = await database.get("overlays", [vm, disk]);
      return record && database.get("blocks", [vm, disk, record.generation, index]);
    });
  }

  /** Overlays that are open must be closed before. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  async #open(
    vm: string,
    disk: string,
    base: OverlayBase,
    missing: (database: OverlayDatabase) => Promise<OverlayRecord | undefined>,
  ): Promise<IdbOverlay | undefined> {
    const unlock = await this.#lock(vm, disk);
    try {
      const overlay = await this.#connection.run("open the disk's changes", async (database) => {
        let record = (await database.get("overlays", [vm, disk])) ?? (await missing(database));
        if (!record) return undefined;
        if (!belongs(record.base, base)) throw otherBase();
        if (!sameBase(record.base, base)) {
          record = { ...record, base: identityOf(base) };
          await putOverlay(database, record);
        }
        await deleteBlocks(database, otherGenerations(vm, disk, record.generation));
        return new IdbOverlay(this.#connection, record, await storedBlocks(database, record), unlock);
      });
      if (!overlay) unlock();
      return overlay;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  async #lock(vm: string, disk: string): Promise<() => void> {
    const unlock = await this.#takeLock(`qemuweb overlay ${JSON.stringify([this.#connection.name, vm, disk])}`);
    if (!unlock) throw diskBusy(`The disk ${disk}`);
    return unlock;
  }

  /** Puts the file's blocks into a generation of their own, which the last transaction makes the disk's. */
  async #replace(vm: string, disk: string, file: OverlayFile, signal: AbortSignal | undefined): Promise<void> {
    const run = <T>(work: (database: OverlayDatabase) => Promise<T>) =>
      this.#connection.run("store the imported overlay", work);
    const old = await run((database) => database.get("overlays", [vm, disk]));
    const generation = (old?.generation ?? 0) + 1;
    await run((database) => deleteBlocks(database, otherGenerations(vm, disk, old?.generation)));
    try {
      for await (const batch of batchesOf(file, signal)) {
        await run((database) => putBatch(database, [vm, disk, generation], batch));
      }
      const now = Date.now();
      const record = { vm, disk, generation, created: now, flushed: now, base: file.base, size: file.size };
      await run((database) => putOverlay(database, record));
    } catch (error) {
      // What can't be deleted now is when the disk is opened.
      await run((database) => deleteBlocks(database, [generationKeys(vm, disk, generation)])).catch(() => undefined);
      throw error;
    }
  }

  async *#blocks({ vm, disk, generation }: OverlayRecord, runs: Run[]): AsyncGenerator<Uint8Array> {
    for (const { kind, first, count } of runs) {
      if (kind !== "data") continue;
      for (let index = first; index < first + count; index += READ) {
        const end = Math.min(index + READ, first + count);
        const keys = IDBKeyRange.bound([vm, disk, generation, index], [vm, disk, generation, end], false, true);
        const blocks = await this.#connection.run(READING, (database) => database.getAll("blocks", keys));
        if (blocks.length !== end - index) throw storeGone();
        yield* blocks;
      }
    }
  }
}

/** What version 1 kept tells the disk's size as the base's: for a format that grows, the size with room. */
function belongs(made: BaseIdentity, base: OverlayBase): boolean {
  return sameBase(made, base) || sameBase(made, { ...base, size: base.diskSize ?? base.size });
}

function identityOf({ size, samples }: BaseIdentity): BaseIdentity {
  return { size, samples };
}

async function summary(database: OverlayDatabase, record: OverlayRecord): Promise<OverlaySummary> {
  const { vm, disk, generation, size, flushed } = record;
  const keys = generationKeys(vm, disk, generation);
  const [blocks, holes] = await Promise.all([database.count("blocks", keys), database.count("holes", keys)]);
  return { vm, disk, size, bytes: blocks * BLOCK, isEmpty: blocks === 0 && holes === 0, flushed };
}

/** A stream that runs `chunks` as it is read; `left` is called once, however it ends. */
function streamOf<T>(chunks: AsyncGenerator<T>, left: () => void, signal: AbortSignal | undefined): ReadableStream<T> {
  return new ReadableStream<T>(
    {
      async pull(controller) {
        try {
          const { done, value } = await unlessAborted(chunks.next(), signal);
          if (!done) return controller.enqueue(value);
          left();
          controller.close();
        } catch (error) {
          left();
          throw error;
        }
      },
      async cancel() {
        left();
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
