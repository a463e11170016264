import { ByteReader } from "./byte-reader.ts";
import { Connection } from "./connection.ts";
import { diskBusy, noOverlay, otherBase, storeGone } from "./errors.ts";
import { IdbOverlay } from "./idb-overlay.ts";
import { sameBase } from "./identity.ts";
import { type TakeLock, takeWebLock } from "./lock.ts";
import { BLOCK, blockLength } from "./overlay.ts";
import { belongs, identityOf, newOverlay, type OverlayBase } from "./overlay-base.ts";
import { chainOf } from "./overlay-chains.ts";
import {
  changed,
  generationKeys,
  type OverlayDatabase,
  type OverlayRecord,
  openOverlayDatabase,
} from "./overlay-database.ts";
import { type OverlayFile, readOverlayFile } from "./overlay-file.ts";
import { deleteOverlay, findBlock, layersOf, putOverlay, storedBlocks } from "./overlay-rows.ts";
import { OverlaySnapshots } from "./overlay-snapshots.ts";
import { deleteUnused, recordOf } from "./overlay-states.ts";
import { overlayFile, storeFile } from "./overlay-transfer.ts";
import { unlessAborted } from "./settle.ts";

const READING = "read the disk's changes";

/** An overlay as it is stored. */
export interface OverlaySummary {
  vm: string;
  disk: string;
  /** Bytes of the disk. */
  size: number;
  /** Bytes of the blocks that it has, in all of its generations. */
  bytes: number;
  /** It has none, and no zeroes either. */
  isEmpty: boolean;
  /** When it was last flushed, milliseconds since 1970. */
  flushed: number;
  /** The snapshots that it goes back to, nearest first; some may be deleted by now. */
  parents: string[];
}

/**
 * All overlays, in IndexedDB. An overlay that is open, exported, imported, resized or removed is locked: everything else with
 * it rejects with `disk-busy` meanwhile, in all windows. What the browser refuses is `storage-full` or `storage-failed`.
 */
export class OverlayStore {
  readonly #connection: Connection<OverlayDatabase>;
  readonly #takeLock: TakeLock;
  /** What disks were when snapshots were taken. */
  readonly snapshots: OverlaySnapshots;

  constructor(name = "qemuweb-disks", takeLock = takeWebLock) {
    this.#connection = new Connection(name, openOverlayDatabase);
    this.#takeLock = takeLock;
    this.snapshots = new OverlaySnapshots(this.#connection, (vm, disk) => this.#lock(vm, disk));
  }

  /** The disk's overlay, made if there is none. Rejects with `overlay-foreign` when it was made over another base. */
  async open(vm: string, disk: string, base: OverlayBase): Promise<IdbOverlay> {
    const overlay = await this.#open(vm, disk, base, (database) =>
      changed(database, (change) => recordOf(change, newOverlay(vm, disk, base))),
    );
    return overlay ?? Promise.reject(noOverlay());
  }

  /** The disk's overlay if there is one; rejects as `open` does. */
  find(vm: string, disk: string, base: OverlayBase): Promise<IdbOverlay | undefined> {
    return this.#open(vm, disk, base, async () => undefined);
  }

  /**
   * The overlay as a file, all generations as one, and its length. Locked until the stream ends or is cancelled; `signal` ends it with an error.
   */
  async export(
    vm: string,
    disk: string,
    signal?: AbortSignal,
  ): Promise<{ size: number; stream: ReadableStream<Uint8Array<ArrayBuffer>> }> {
    const unlock = await this.#lock(vm, disk);
    try {
      const { size, chunks } = await overlayFile(this.#connection, async (database) => {
        const record = await database.get("overlays", [vm, disk]);
        if (!record) throw noOverlay();
        return { ...record, layers: chainOf(record) };
      });
      return { size, stream: streamOf(chunks, unlock, signal) };
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
        // A block that was the short last one becomes as long as the others, whichever generation has it.
        const index = Math.floor(record.size / BLOCK);
        const last = overlay.kind(index) === "data" ? await overlay.read(index) : undefined;
        const longer = new Uint8Array(blockLength(index, size));
        if (last) longer.set(last);
        await changed(database, async (change) => {
          if (last) await change.objectStore("blocks").put(longer, [vm, disk, record.generation, index]);
          await change.objectStore("overlays").put({ ...record, size });
        });
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
      return record && findBlock(database, record, chainOf(record), index);
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
        await changed(database, (change) => deleteUnused(change, vm, disk), "relaxed");
        const [stored, layers] = [await storedBlocks(database, record), await layersOf(database, record)];
        return new IdbOverlay(this.#connection, record, { stored, layers }, unlock);
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
    const generation = await storeFile(this.#connection, [vm, disk], file, signal);
    const now = Date.now();
    const state = { base: file.base, size: file.size, layers: [], parents: [] };
    await this.#connection.run("store the imported overlay", (database) =>
      putOverlay(database, { vm, disk, generation, ...state, created: now, flushed: now }),
    );
  }
}

async function summary(database: OverlayDatabase, record: OverlayRecord): Promise<OverlaySummary> {
  const { vm, disk, size, flushed, parents } = record;
  const keys = chainOf(record).map((generation) => generationKeys(vm, disk, generation));
  const [blocks, holes] = await Promise.all([rows(database, "blocks", keys), rows(database, "holes", keys)]);
  return { vm, disk, size, bytes: blocks * BLOCK, isEmpty: blocks === 0 && holes === 0, flushed, parents };
}

async function rows(database: OverlayDatabase, store: "blocks" | "holes", ranges: IDBKeyRange[]): Promise<number> {
  const counts = await Promise.all(ranges.map((keys) => database.count(store, keys)));
  return counts.reduce((sum, count) => sum + count, 0);
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
