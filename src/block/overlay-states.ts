/** What overlays and frozen states name, read and changed in one transaction. */
import { type Chains, chainOf, freshGeneration, usedGenerations } from "./overlay-chains.ts";
import {
  type Change,
  type FrozenRecord,
  frozenKeys,
  generationKeys,
  type OverlayRecord,
  type OverlayState,
  otherGenerations,
} from "./overlay-database.ts";

/** The name of what a disk goes back to when what is tried with it now is over. No snapshot has it. */
export const BEFORE = "";

/** All chains of a disk. */
export async function readChains(change: Change, vm: string, disk: string): Promise<Chains> {
  const [record, frozen] = await Promise.all([
    change.objectStore("overlays").get([vm, disk]),
    change.objectStore("frozen").getAll(frozenKeys(vm, disk)),
  ]);
  return { record, frozen };
}

/** Deletes the generations of a disk that no chain names; of `candidates` alone when they are given. */
export async function deleteUnused(
  change: Change,
  vm: string,
  disk: string,
  candidates?: Iterable<number>,
): Promise<void> {
  const used = usedGenerations(await readChains(change, vm, disk));
  const gone = candidates
    ? [...candidates].filter((generation) => !used.has(generation)).map((one) => generationKeys(vm, disk, one))
    : otherGenerations(vm, disk, used);
  await deleteRows(change, gone);
}

async function deleteRows(change: Change, ranges: IDBKeyRange[]): Promise<void> {
  const stores = [change.objectStore("blocks"), change.objectStore("holes")];
  await Promise.all(stores.flatMap((store) => ranges.map((keys) => store.delete(keys))));
}

/** The disk's overlay, made if there is none. */
export async function recordOf(
  change: Change,
  made: Pick<OverlayRecord, "vm" | "disk" | "base" | "size">,
): Promise<OverlayRecord> {
  const { vm, disk, base, size } = made;
  const chains = await readChains(change, vm, disk);
  if (chains.record) return chains.record;
  const now = Date.now();
  const overlay = { vm, disk, base, size, generation: freshGeneration(chains), layers: [], parents: [] };
  const record: OverlayRecord = { ...overlay, created: now, flushed: now };
  await change.objectStore("overlays").put(record);
  return record;
}

/** Has anything been written to the overlay's own generation? */
export async function isUntouched(change: Change, { vm, disk, generation }: OverlayRecord): Promise<boolean> {
  const keys = generationKeys(vm, disk, generation);
  const [blocks, holes] = await Promise.all([
    change.objectStore("blocks").count(keys),
    change.objectStore("holes").count(keys),
  ]);
  return blocks + holes === 0;
}

/**
 * Keeps what the overlay is under the snapshot's name. The record that comes back goes on above it, in another generation, unless
 * its own is empty.
 */
export async function freezeRecord(
  change: Change,
  record: OverlayRecord,
  isEmpty: boolean,
  snapshot: string,
): Promise<OverlayRecord> {
  const { vm, disk, base, size, parents } = record;
  const layers = isEmpty ? record.layers : chainOf(record);
  await change.objectStore("frozen").put({ vm, disk, snapshot, base, size, parents, layers });
  return goOn(change, record, { base, size, layers, parents: [snapshot, ...parents] }, isEmpty);
}

/** The record goes on from `state`, in its own generation when that is empty. */
export async function goOn(
  change: Change,
  record: OverlayRecord,
  { base, size, layers, parents }: OverlayState,
  isEmpty: boolean,
): Promise<OverlayRecord> {
  const { vm, disk } = record;
  const generation = isEmpty ? record.generation : freshGeneration(await readChains(change, vm, disk));
  const after: OverlayRecord = { ...record, base, size, layers, parents, generation, flushed: Date.now() };
  if (!isEmpty) await deleteRows(change, [generationKeys(vm, disk, generation)]);
  await change.objectStore("overlays").put(after);
  return after;
}

/** Forgets a frozen state, and the generations that nothing else needs. */
export async function forget(change: Change, { vm, disk, snapshot, layers }: FrozenRecord): Promise<void> {
  await change.objectStore("frozen").delete([vm, disk, snapshot]);
  await deleteUnused(change, vm, disk, layers);
}
