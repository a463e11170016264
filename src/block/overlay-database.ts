import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { BaseIdentity } from "./identity.ts";

/** An overlay as a whole. Its blocks are those of its generation; others are what an import left or replaced. */
export interface OverlayRecord {
  vm: string;
  disk: string;
  generation: number;
  /** Milliseconds since 1970: when it was made, and when it was last flushed. */
  created: number;
  flushed: number;
  base: BaseIdentity;
}

/** VM, disk, generation, block index. */
export type BlockKey = [string, string, number, number];

export interface OverlaySchema extends DBSchema {
  overlays: { key: [string, string]; value: OverlayRecord };
  /** Blocks of 64 KiB; the last one of a disk may be shorter. */
  blocks: { key: BlockKey; value: Uint8Array };
  /** Blocks that read as zeroes where the base may not; the value means nothing. */
  zeroes: { key: BlockKey; value: 0 };
}

export type OverlayDatabase = IDBPDatabase<OverlaySchema>;

/** From each version to the next. Never changed once shipped; a new one gets a fixture in testing/. */
const MIGRATIONS: ((database: OverlayDatabase) => void)[] = [
  (database) => {
    database.createObjectStore("overlays", { keyPath: ["vm", "disk"] });
    database.createObjectStore("blocks");
    database.createObjectStore("zeroes");
  },
];

/** `lost` is called when the connection ended without having been closed here. */
export async function openOverlayDatabase(name: string, lost: () => void): Promise<OverlayDatabase> {
  const database = await openDB<OverlaySchema>(name, MIGRATIONS.length, {
    upgrade(database, from) {
      for (const migrate of MIGRATIONS.slice(from)) migrate(database);
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

/** All block keys of one generation. An array sorts after every number. */
export function generationKeys(vm: string, disk: string, generation: number): IDBKeyRange {
  return IDBKeyRange.bound([vm, disk, generation], [vm, disk, generation, []]);
}

/** The block keys of all generations but one; of all when that is undefined. */
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
