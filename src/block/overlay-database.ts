import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb";
import type { BaseIdentity } from "./identity.ts";

/** A disk's bytes at one moment: its generations, and the base below them. */
export interface OverlayState {
  /** Generations that are written no more, nearest first. */
  layers: number[];
  /** The snapshots that it goes back to, nearest first; some may be deleted by now. */
  parents: string[];
  /** In a record that version 1 made, `base.size` is that of the disk, not of the image. */
  base: BaseIdentity;
  /** Bytes of the disk: the image, and zeroes behind it. */
  size: number;
}

/**
 * An overlay as a whole. Of each block the nearest generation that has something of it counts, its own first. Generations of the
 * disk that neither this nor a frozen state names are what was left or replaced.
 */
export interface OverlayRecord extends OverlayState {
  vm: string;
  disk: string;
  /** What is written goes here; no frozen state has it. */
  generation: number;
  /** Milliseconds since 1970: when it was made, and when it was last flushed. */
  created: number;
  flushed: number;
}

/** What a disk was when a snapshot was taken: all of it is in `layers`. */
export interface FrozenRecord extends OverlayState {
  vm: string;
  disk: string;
  snapshot: string;
}

/** VM, disk, generation, block index. */
export type BlockKey = [string, string, number, number];

/** VM, disk, generation, page index. */
export type PageKey = [string, string, number, number];

/** Blocks whose holes are one record: 256 MiB of a disk in 512 bytes. */
export const PAGE = 4096;

export interface OverlaySchema extends DBSchema {
  overlays: { key: [string, string]; value: OverlayRecord };
  frozen: { key: [string, string, string]; value: FrozenRecord };
  /** Blocks of 64 KiB; the last one of a disk may be shorter. */
  blocks: { key: BlockKey; value: Uint8Array };
  /**
   * A bit for each block of a page, least significant first: it reads as zeroes where `blocks` has nothing. Without one it is
   * what lies below. No bit is set where that is known to be zeroes.
   */
  holes: { key: PageKey; value: Uint8Array };
}

export type OverlayDatabase = IDBPDatabase<OverlaySchema>;

type Upgrade = IDBPTransaction<OverlaySchema, StoreNames<OverlaySchema>[], "versionchange">;

/** From each version to the next. Never changed once shipped; a new one gets a fixture in testing/. */
const MIGRATIONS: ((database: OverlayDatabase, transaction: Upgrade) => Promise<void>)[] = [
  async (database) => {
    database.createObjectStore("overlays", { keyPath: ["vm", "disk"] });
    database.createObjectStore("blocks");
    (database as unknown as IDBPDatabase).createObjectStore("zeroes");
  },
  // Version 1 had a record in `zeroes` for each block that reads as zeroes, by the block's key; and no size of its own.
  async (database, transaction) => {
    const holes = database.createObjectStore("holes");
    const old = transaction as unknown as IDBPTransaction<unknown, ["zeroes"], "versionchange">;
    let page: { key: PageKey; bits: Uint8Array } | undefined;
    for (let at = await old.objectStore("zeroes").openKeyCursor(); at; at = await at.continue()) {
      const [vm, disk, generation, index] = at.key as BlockKey;
      const key: PageKey = [vm, disk, generation, Math.floor(index / PAGE)];
      if (!page || indexedDB.cmp(page.key, key) !== 0) {
        if (page) await holes.put(page.bits, page.key);
        page = { key, bits: new Uint8Array(PAGE / 8) };
      }
      setBit(page.bits, index % PAGE);
    }
    if (page) await holes.put(page.bits, page.key);
    (database as unknown as IDBPDatabase).deleteObjectStore("zeroes");
    for (let at = await transaction.objectStore("overlays").openCursor(); at; at = await at.continue()) {
      await at.update({ ...at.value, size: at.value.base.size });
    }
  },
  // Version 2 had one generation of each disk.
  async (database, transaction) => {
    database.createObjectStore("frozen", { keyPath: ["vm", "disk", "snapshot"] });
    for (let at = await transaction.objectStore("overlays").openCursor(); at; at = await at.continue()) {
      await at.update({ ...at.value, layers: [], parents: [] });
    }
  },
];

export function setBit(bits: Uint8Array, n: number): void {
  bits[n >> 3] = (bits[n >> 3] ?? 0) | (1 << (n & 7));
}

export function hasBit(bits: Uint8Array, n: number): boolean {
  return ((bits[n >> 3] ?? 0) & (1 << (n & 7))) !== 0;
}

/** `lost` is called when the connection ended without having been closed here. */
export async function openOverlayDatabase(name: string, lost: () => void): Promise<OverlayDatabase> {
  const database = await openDB<OverlaySchema>(name, MIGRATIONS.length, {
    async upgrade(database, from, _to, transaction) {
      for (const migrate of MIGRATIONS.slice(from)) await migrate(database, transaction);
    },
    // Whoever deletes the database, or upgrades it from another window, must not wait for a VM's end.
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      lost();
    },
    terminated: lost,
  });
  return database;
}

/** All block or page keys of one generation. An array sorts after every number. */
export function generationKeys(vm: string, disk: string, generation: number): IDBKeyRange {
  return IDBKeyRange.bound([vm, disk, generation], [vm, disk, generation, []]);
}

/** The block and page keys of all generations of a disk but those. */
export function otherGenerations(vm: string, disk: string, kept: Iterable<number>): IDBKeyRange[] {
  const ranges: IDBKeyRange[] = [];
  let from: IDBValidKey[] = [vm, disk];
  for (const generation of [...kept].sort((a, b) => a - b)) {
    ranges.push(IDBKeyRange.bound(from, [vm, disk, generation], false, true));
    from = [vm, disk, generation, []];
  }
  ranges.push(IDBKeyRange.bound(from, [vm, disk, []]));
  return ranges;
}

/** All of a disk's frozen states. */
export function frozenKeys(vm: string, disk: string): IDBKeyRange {
  return IDBKeyRange.bound([vm, disk], [vm, disk, []]);
}

const ALL = ["overlays", "frozen", "blocks", "holes"] as const;

export type Change = IDBPTransaction<OverlaySchema, typeof ALL, "readwrite">;

/**
 * One transaction over all that is stored: all that `work` did is there, or none of it, when this settles. `work` awaits nothing
 * but requests of its transaction. What isn't durable by then is when a later one is that is strict.
 */
export async function changed<T>(
  database: OverlayDatabase,
  work: (change: Change) => Promise<T>,
  durability: "strict" | "relaxed" = "strict",
): Promise<T> {
  const change = database.transaction(ALL, "readwrite", { durability });
  const done = change.done.then(
    () => undefined,
    (why: unknown) => ({ why }),
  );
  try {
    const result = await work(change);
    await change.done;
    return result;
  } catch (error) {
    if (change.error === null) abort(change);
    // What ended the transaction says it better than a request: a full store is an AbortError to that.
    const failed = await done;
    throw failed?.why instanceof DOMException && failed.why.name !== "AbortError" ? failed.why : error;
  }
}

function abort(change: Change): void {
  try {
    change.abort();
  } catch {
    // It is over.
  }
}

/** Makes the requests that `work` adds, and resolves when the transaction is committed. Rejects with why it was not. */
export async function committed(
  transaction: { abort(): void; done: Promise<void> },
  work: (add: (request: Promise<unknown>) => void) => void,
): Promise<void> {
  try {
    // A request that fails ends the transaction, which says so better: a full store is an AbortError to the request.
    work((request) => void request.catch(() => undefined));
  } catch (error) {
    transaction.abort();
    await transaction.done.catch(() => undefined);
    throw error;
  }
  await transaction.done;
}
