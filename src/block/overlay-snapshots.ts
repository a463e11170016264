import type { ByteReader } from "./byte-reader.ts";
import type { Connection } from "./connection.ts";
import { noSuchState, otherBase } from "./errors.ts";
import { BLOCK } from "./overlay.ts";
import { belongs, identityOf, newOverlay, type OverlayBase } from "./overlay-base.ts";
import { chainOf } from "./overlay-chains.ts";
import {
  type Change,
  changed,
  type FrozenRecord,
  generationKeys,
  type OverlayDatabase,
  type OverlayRecord,
} from "./overlay-database.ts";
import { readOverlayFile } from "./overlay-file.ts";
import { mergeGenerations } from "./overlay-merge.ts";
import { BEFORE, deleteUnused, forget, freezeRecord, goOn, isUntouched, recordOf } from "./overlay-states.ts";
import { overlayFile, storeFile } from "./overlay-transfer.ts";
import { unlessAborted } from "./settle.ts";

/** A disk of a VM, and the image below it. */
export interface DiskBase {
  disk: string;
  base: OverlayBase;
}

/** What a snapshot keeps of a disk. */
export interface FrozenSummary {
  disk: string;
  snapshot: string;
  /** Bytes of the blocks that were written since the snapshot before. */
  bytes: number;
}

const READING = "read the disks' states";

/**
 * What disks were when snapshots were taken, in the same store as their overlays. What changes several disks changes all of them or
 * none. Disks that are in use are left alone: `disk-busy`.
 */
export class OverlaySnapshots {
  readonly #connection: Connection<OverlayDatabase>;
  readonly #lock: (vm: string, disk: string) => Promise<() => void>;

  constructor(connection: Connection<OverlayDatabase>, lock: (vm: string, disk: string) => Promise<() => void>) {
    this.#connection = connection;
    this.#lock = lock;
  }

  /** Keeps what the disks are now. Of an overlay that is open, its owner does that (`IdbOverlay.freeze`). */
  freeze(vm: string, disks: DiskBase[], snapshot: string): Promise<void> {
    return this.#change("keep the disks' state", vm, disks, async (change, record) => {
      await freezeRecord(change, record, await isUntouched(change, record), snapshot);
    });
  }

  /** The disks are what they were then; what was written since is forgotten, unless a snapshot keeps it. */
  revert(vm: string, disks: DiskBase[], snapshot: string): Promise<void> {
    return this.#change("go back to the disks' state", vm, disks, async (change, record) => {
      await goOn(change, record, await this.#state(change, record, snapshot), await isUntouched(change, record));
      await deleteUnused(change, vm, record.disk);
    });
  }

  /**
   * From now on the disks are what they were then, or, without a snapshot, go on as they are; `undo` makes them what they had been
   * before, and `keep` forgets that.
   */
  attempt(vm: string, disks: DiskBase[], snapshot?: string): Promise<void> {
    return this.#change("prepare the disks", vm, disks, async (change, record) => {
      const { disk, base, size, parents } = record;
      const isEmpty = await isUntouched(change, record);
      const now = { base, size, parents, layers: isEmpty ? record.layers : chainOf(record) };
      await change.objectStore("frozen").put({ vm, disk, snapshot: BEFORE, ...now });
      await goOn(change, record, snapshot === undefined ? now : await this.#state(change, record, snapshot), isEmpty);
    });
  }

  /** What was begun by `attempt` with these disks is not to be undone any more. They may be open. */
  keep(vm: string, disks: string[]): Promise<void> {
    return this.#forget(vm, (state) => state.snapshot === BEFORE && disks.includes(state.disk));
  }

  /** Ends what was begun by `attempt`; resolves to false when there was nothing to undo. */
  async undo(vm: string): Promise<boolean> {
    const tried = (await this.#frozen(vm)).filter(({ snapshot }) => snapshot === BEFORE);
    if (tried.length === 0) return false;
    await this.#locked(vm, tried, () =>
      this.#run("go back to the disks' state", async (change) => {
        for (const before of tried) {
          const record = await recordOf(change, before);
          await change.objectStore("frozen").delete([vm, before.disk, BEFORE]);
          await goOn(change, record, before, false);
          await deleteUnused(change, vm, before.disk);
        }
      }),
    );
    return true;
  }

  /** VMs of which something is kept. */
  async vms(): Promise<string[]> {
    const keys = await this.#connection.run(READING, (database) => database.getAllKeys("frozen"));
    return [...new Set(keys.map(([vm]) => vm))];
  }

  /** What is kept of a VM's disks. */
  async list(vm: string): Promise<FrozenSummary[]> {
    const states = (await this.#frozen(vm)).filter(({ snapshot }) => snapshot !== BEFORE);
    return this.#connection.run(READING, (database) =>
      Promise.all(
        states.map(async ({ disk, snapshot, layers: [nearest] }) => {
          const blocks = nearest === undefined ? 0 : await database.count("blocks", generationKeys(vm, disk, nearest));
          return { disk, snapshot, bytes: blocks * BLOCK };
        }),
      ),
    );
  }

  /** The snapshots that a disk goes back to as it is, nearest first. */
  parents(vm: string, disk: string): Promise<string[]> {
    return this.#connection.run(READING, async (database) => {
      return (await database.get("overlays", [vm, disk]))?.parents ?? [];
    });
  }

  /** Forgets what a snapshot keeps; what others need stays. The disks may be open. */
  delete(vm: string, snapshot: string): Promise<void> {
    return this.#forget(vm, (state) => state.snapshot === snapshot);
  }

  /** Forgets everything of a VM. */
  deleteAll(vm: string): Promise<void> {
    return this.#run("delete the VM's disks", async (change) => {
      const keys = allOf(vm);
      for (const name of ["overlays", "frozen", "blocks", "holes"] as const)
        await change.objectStore(name).delete(keys);
    });
  }

  /** Makes one of generations of the VM's disks that no snapshot keeps apart. Disks that are in use wait for another time. */
  async tidy(vm: string, signal?: AbortSignal): Promise<void> {
    const disks = await this.#connection.run(READING, async (database) => {
      const keys = allOf(vm);
      const all = [...(await database.getAllKeys("overlays", keys)), ...(await database.getAllKeys("frozen", keys))];
      return new Set(all.map(([, disk]) => disk));
    });
    for (const disk of disks) {
      signal?.throwIfAborted();
      const unlock = await this.#lock(vm, disk).catch(() => undefined);
      try {
        if (unlock) await mergeGenerations(this.#connection, vm, disk, signal);
      } finally {
        unlock?.();
      }
    }
  }

  /** A disk's state as an overlay file, and its length. */
  export(
    vm: string,
    disk: string,
    snapshot: string,
  ): Promise<{ size: number; chunks: AsyncGenerator<Uint8Array<ArrayBuffer>> }> {
    return overlayFile(this.#connection, async (database) => {
      const state = await database.get("frozen", [vm, disk, snapshot]);
      return state ?? Promise.reject(noSuchState());
    });
  }

  /**
   * Keeps what overlay files have as what the disks were when a snapshot was taken. All of it or nothing: `overlay-file-bad`, or
   * `overlay-foreign` when a disk's image is another.
   */
  import(
    vm: string,
    snapshot: string,
    disks: (DiskBase & { file: ByteReader })[],
    parents: string[],
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#locked(vm, disks, async () => {
      const states: FrozenRecord[] = [];
      try {
        for (const { disk, base, file } of disks) {
          const overlay = await unlessAborted(readOverlayFile(file), signal);
          if (!belongs(overlay.base, base)) throw otherBase();
          const generation = await storeFile(this.#connection, [vm, disk], overlay, signal);
          const { size } = overlay;
          states.push({ vm, disk, snapshot, base: identityOf(base), size, parents, layers: [generation] });
        }
        await this.#run("keep the disks' state", async (change) => {
          for (const state of states) await change.objectStore("frozen").put(state);
        });
      } catch (error) {
        await this.#run("delete the snapshot", async (change) => {
          for (const { disk, layers } of states) await deleteUnused(change, vm, disk, layers);
        }).catch(() => undefined); // the next who opens the disk does it
        throw error;
      }
    });
  }

  /** What the disk goes on from when it goes back to the snapshot. */
  async #state(change: Change, { vm, disk }: OverlayRecord, snapshot: string): Promise<FrozenRecord> {
    const state = await change.objectStore("frozen").get([vm, disk, snapshot]);
    if (!state) throw noSuchState();
    return { ...state, parents: [snapshot, ...state.parents] };
  }

  #forget(vm: string, wanted: (state: FrozenRecord) => boolean): Promise<void> {
    return this.#run("delete the snapshot", async (change) => {
      const states = await change.objectStore("frozen").getAll(allOf(vm));
      for (const state of states.filter(wanted)) await forget(change, state);
    });
  }

  #frozen(vm: string): Promise<FrozenRecord[]> {
    return this.#connection.run(READING, (database) => database.getAll("frozen", allOf(vm)));
  }

  /** Changes the overlays of disks that nobody uses, which are made where there are none. */
  #change(
    what: string,
    vm: string,
    disks: DiskBase[],
    work: (change: Change, record: OverlayRecord) => Promise<void>,
  ): Promise<void> {
    return this.#locked(vm, disks, () =>
      this.#run(what, async (change) => {
        for (const { disk, base } of disks) {
          const record = await recordOf(change, newOverlay(vm, disk, base));
          if (!belongs(record.base, base)) throw otherBase();
          await work(change, record);
        }
      }),
    );
  }

  #run<T>(what: string, work: (change: Change) => Promise<T>): Promise<T> {
    return this.#connection.run(what, (database) => changed(database, work));
  }

  async #locked<T>(vm: string, disks: { disk: string }[], work: () => Promise<T>): Promise<T> {
    const unlocks: (() => void)[] = [];
    try {
      for (const { disk } of disks) unlocks.push(await this.#lock(vm, disk));
      return await work();
    } finally {
      for (const unlock of unlocks) unlock();
    }
  }
}

/** All keys of a VM, in any of the stores. */
function allOf(vm: string): IDBKeyRange {
  return IDBKeyRange.bound([vm], [vm, []]);
}
