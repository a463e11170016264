import { ByteReader } from "./byte-reader.ts";
import { diskBusy, noOverlay, otherBase, storeGone } from "./errors.ts";
import { BATCH, IdbOverlay, STORED } from "./idb-overlay.ts";
import { type BaseIdentity, sameBase } from "./identity.ts";
import { type TakeLock, takeWebLock } from "./lock.ts";
import { BLOCK } from "./overlay.ts";
import { OverlayConnection } from "./overlay-connection.ts";
import {
  committed,
  generationKeys,
  type OverlayDatabase,
  type OverlayRecord,
  otherGenerations,
} from "./overlay-database.ts";
import { type OverlayFile, type Run, readOverlayFile, writeOverlayFile } from "./overlay-file.ts";
import { unlessAborted } from "./settle.ts";

/** Blocks read at once for an export: 1 MiB. */
const READ = 16;
const READING = "read the disk's changes";

/**
 * All overlays, in IndexedDB. An overlay that is open, exported, imported or removed is locked: everything else with it
 * rejects with `vm-state` meanwhile, in all windows. What the browser refuses is `storage-failed`.
 */
export class OverlayStore {
  readonly #connection: OverlayConnection;
  readonly #takeLock: TakeLock;

  constructor(name = "qemuweb-disks", takeLock = takeWebLock) {
    this.#connection = new OverlayConnection(name);
    this.#takeLock = takeLock;
  }

  /** The disk's overlay, made if there is none. Rejects with `storage-failed` when it was made over another base. */
  async open(vm: string, disk: string, base: BaseIdentity): Promise<IdbOverlay> {
    const unlock = await this.#lock(vm, disk);
    try {
      return await this.#connection.run("open the disk's changes", async (database) => {
        const record = (await database.get("overlays", [vm, disk])) ?? (await create(database, vm, disk, base));
        if (!sameBase(record.base, base)) throw otherBase();
        await deleteBlocks(database, otherGenerations(vm, disk, record.generation));
        return new IdbOverlay(this.#connection, record, await stored(database, record), unlock);
      });
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** The overlay as a file. Locked until the stream ends or is cancelled; `signal` ends it with an error. */
  async export(vm: string, disk: string, signal?: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const unlock = await this.#lock(vm, disk);
    try {
      const [record, runs] = await this.#connection.run(READING, async (database) => {
        const record = await database.get("overlays", [vm, disk]);
        if (!record) throw noOverlay();
        return [record, runsOf(await stored(database, record))] as const;
      });
      return streamOf(writeOverlayFile(record.base, runs, this.#blocks(record, runs)), unlock, signal);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /**
   * Replaces the disk's overlay by the one in the file, at once when all of the file was read and is right; until then,
   * and when it is not (`file-unreadable`), the old one stays as it is. Rejects with `storage-failed` when it belongs
   * to another base.
   */
  async import(
    vm: string,
    disk: string,
    base: BaseIdentity,
    file: ReadableStream<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void> {
    const reader = new ByteReader(file);
    let unlock: (() => void) | undefined;
    try {
      unlock = await this.#lock(vm, disk);
      const overlay = await unlessAborted(readOverlayFile(reader), signal);
      if (!sameBase(overlay.base, base)) throw otherBase();
      await this.#replace(vm, disk, overlay, signal);
    } catch (error) {
      // A source that is broken already can't be cancelled; what broke it is what the caller hears.
      reader.cancel(error).catch(() => undefined);
      throw error;
    } finally {
      unlock?.();
    }
  }

  /** Forgets everything that was written to the disk. */
  async remove(vm: string, disk: string): Promise<void> {
    const unlock = await this.#lock(vm, disk);
    try {
      await this.#connection.run("delete the disk's changes", async (database) => {
        const transaction = database.transaction(["overlays", "blocks", "zeroes"], "readwrite", {
          durability: "strict",
        });
        await committed(transaction, (add) => {
          add(transaction.objectStore("overlays").delete([vm, disk]));
          for (const keys of otherGenerations(vm, disk, undefined)) {
            add(transaction.objectStore("blocks").delete(keys));
            add(transaction.objectStore("zeroes").delete(keys));
          }
        });
      });
    } finally {
      unlock();
    }
  }

  /** Overlays that are open must be closed before. */
  close(): Promise<void> {
    return this.#connection.close();
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
      for await (const batch of batches(file, signal)) {
        await run((database) => putBlocks(database, [vm, disk, generation], batch));
      }
      const now = Date.now();
      const record = { vm, disk, generation, created: now, flushed: now, base: file.base };
      await run((database) => putRecord(database, record));
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

async function create(database: OverlayDatabase, vm: string, disk: string, base: BaseIdentity): Promise<OverlayRecord> {
  const now = Date.now();
  const record = { vm, disk, generation: 1, created: now, flushed: now, base };
  await putRecord(database, record);
  return record;
}

/** What the store holds, by block index (STORED). */
async function stored(database: OverlayDatabase, { vm, disk, generation, base }: OverlayRecord): Promise<Uint8Array> {
  const keys = generationKeys(vm, disk, generation);
  const [blocks, zeroes] = await Promise.all([
    database.getAllKeys("blocks", keys),
    database.getAllKeys("zeroes", keys),
  ]);
  const stored = new Uint8Array(Math.ceil(base.size / BLOCK));
  for (const [, , , index] of blocks) stored[index] = STORED.data;
  for (const [, , , index] of zeroes) stored[index] = STORED.zero;
  return stored;
}

function runsOf(stored: Uint8Array): Run[] {
  const runs: Run[] = [];
  for (const [index, what] of stored.entries()) {
    if (what === STORED.absent) continue;
    const kind = what === STORED.data ? "data" : "zero";
    const last = runs.at(-1);
    if (last?.kind === kind && last.first + last.count === index) last.count++;
    else runs.push({ kind, first: index, count: 1 });
  }
  return runs;
}

async function deleteBlocks(database: OverlayDatabase, ranges: IDBKeyRange[]): Promise<void> {
  const transaction = database.transaction(["blocks", "zeroes"], "readwrite", { durability: "relaxed" });
  await committed(transaction, (add) => {
    for (const keys of ranges) {
      add(transaction.objectStore("blocks").delete(keys));
      add(transaction.objectStore("zeroes").delete(keys));
    }
  });
}

async function putBlocks(
  database: OverlayDatabase,
  generation: [string, string, number],
  blocks: { index: number; bytes?: Uint8Array }[],
): Promise<void> {
  const transaction = database.transaction(["blocks", "zeroes"], "readwrite", { durability: "relaxed" });
  await committed(transaction, (add) => {
    for (const { index, bytes } of blocks) {
      if (bytes) add(transaction.objectStore("blocks").put(bytes, [...generation, index]));
      else add(transaction.objectStore("zeroes").put(0, [...generation, index]));
    }
  });
}

/** Makes the record's generation the disk's only one. */
async function putRecord(database: OverlayDatabase, record: OverlayRecord): Promise<void> {
  const transaction = database.transaction(["overlays", "blocks", "zeroes"], "readwrite", { durability: "strict" });
  await committed(transaction, (add) => {
    add(transaction.objectStore("overlays").put(record));
    for (const keys of otherGenerations(record.vm, record.disk, record.generation)) {
      add(transaction.objectStore("blocks").delete(keys));
      add(transaction.objectStore("zeroes").delete(keys));
    }
  });
}

/** All blocks of the file, a transaction's worth at a time; without bytes: zeroes. */
async function* batches(file: OverlayFile, signal: AbortSignal | undefined) {
  const batch: { index: number; bytes?: Uint8Array }[] = [];
  for (const { kind, first, count } of file.runs) {
    for (let n = 0; kind === "zero" && n < count; n++) {
      batch.push({ index: first + n });
      if (batch.length === BATCH) yield batch.splice(0);
    }
  }
  const blocks = file.blocks();
  for (;;) {
    const { done, value } = await unlessAborted(blocks.next(), signal);
    if (done) break;
    batch.push(value);
    if (batch.length === BATCH) yield batch.splice(0);
  }
  yield batch;
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
