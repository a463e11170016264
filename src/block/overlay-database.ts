import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb";
import type { BaseIdentity } from "./identity.ts";

/** An overlay as a whole. Its blocks are those of its generation; others are what an import left or replaced. */
export interface OverlayRecord {
  vm: string;
  disk: string;
  generation: number;
  /** Milliseconds since 1970: when it was made, and when it was last flushed. */
  created: number;
  flushed: number;
  /** In a record that version 1 made, `base.size` is that of the disk, not of the image. */
  base: BaseIdentity;
  /** Bytes of the disk: the image, and zeroes behind it. */
  size: number;
}

/** VM, disk, generation, block index. */
export type BlockKey = [string, string, number, number];

/** VM, disk, generation, page index. */
export type PageKey = [string, string, number, number];

/** Blocks whose holes are one record: 256 MiB of a disk in 512 bytes. */
export const PAGE = 4096;

export interface OverlaySchema extends DBSchema {
  overlays: { key: [string, string]; value: OverlayRecord };
  /** Blocks of 64 KiB; the last one of a disk may be shorter. */
  blocks: { key: BlockKey; value: Uint8Array };
  /**
   * A bit for each block of a page, least significant first: it reads as zeroes where `blocks` has nothing. Without one it is
   * the base's. Bits of a blank disk are never set.
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

/** The block and page keys of all generations but one; of all when that is undefined. */
export function otherGenerations(vm: string, disk: string, generation: number | undefined): IDBKeyRange[] {
  const [first, last] = [
    [vm, disk],
    [vm, disk, []],
  ];
  if (generation === undefined) return [IDBKeyRange.bound(first, last)];
  return [
    IDBKeyRange.bound(first, [vm, disk, generation], false, true),
    IDBKeyRange.bound([vm, disk, generation, []], last),
  ];
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
