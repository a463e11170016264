import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { QemuWebError } from "../core/errors.ts";
import { risingTime } from "../core/rising-time.ts";
import type { VmId } from "../model/vm.ts";
import { beginNewLog } from "./new-log.ts";
import type { VmRecord } from "./vm.ts";

/** What a registry needs of a store. Every method throws `storage-failed`. */
export interface VmStore {
  load(): Promise<VmRecord[]>;
  /** Resolves to the record as stored: its files no longer depend on where the user keeps the originals. */
  save(record: VmRecord): Promise<VmRecord>;
  remove(id: VmId): Promise<void>;
}

interface Schema extends DBSchema {
  /** `created` keeps the list's order. */
  vms: { key: VmId; value: VmRecord & { created: number } };
}

/** VMs in IndexedDB: profiles, and the user's files as Blobs. A VM that was saved survives the browser's end. */
export class IdbVmStore implements VmStore {
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  constructor(readonly name = "qemuweb") {}

  async load(): Promise<VmRecord[]> {
    // This comes before all that is written. Where there is no room for it, nothing else will be written either.
    await beginNewLog().catch(() => undefined);
    const rows = await this.#run("read the stored VMs", (database) => database.getAll("vms"));
    return rows.sort((a, b) => a.created - b.created).map(stored);
  }

  async save(record: VmRecord): Promise<VmRecord> {
    return this.#run("store the VM", async (database) => {
      // Strict: once `createVm` answered, not even a power cut may take the VM back.
      const change = database.transaction("vms", "readwrite", { durability: "strict" });
      const { created = risingTime() } = (await change.store.get(record.id)) ?? {};
      await Promise.all([change.store.put({ ...record, created }), change.done]);
      const row = await database.get("vms", record.id);
      return row ? stored(row) : record;
    });
  }

  async remove(id: VmId): Promise<void> {
    await this.#run("delete the stored VM", (database) => database.delete("vms", id));
  }

  async #run<T>(what: string, work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    try {
      this.#database ??= openDB<Schema>(this.name, 1, {
        upgrade: (database) => void database.createObjectStore("vms", { keyPath: "id" }),
        terminated: () => {
          this.#database = undefined;
        },
      });
      return await work(await this.#database);
    } catch (cause) {
      this.#database = undefined;
      const why = cause instanceof Error ? cause.message || cause.name : String(cause);
      throw new QemuWebError(
        "storage-failed",
        `The browser could not ${what}: ${why.replace(/\.$/, "")}.`,
        "Free some disk space, then reload the extension; your other VMs go on.",
        { cause },
      );
    }
  }
}

function stored({ created: _, ...record }: Schema["vms"]["value"]): VmRecord {
  return record;
}
