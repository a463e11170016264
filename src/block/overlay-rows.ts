/** An overlay's rows in the database, read and written together. */
import { BATCH } from "./idb-overlay.ts";
import { BLOCK } from "./overlay.ts";
import {
  type BlockKey,
  changed,
  committed,
  type FrozenRecord,
  generationKeys,
  hasBit,
  type OverlayDatabase,
  type OverlayRecord,
  PAGE,
  setBit,
} from "./overlay-database.ts";
import type { OverlayFile, Run } from "./overlay-file.ts";
import { HAS, Layers } from "./overlay-layers.ts";
import { BEFORE, deleteUnused } from "./overlay-states.ts";
import { unlessAborted } from "./settle.ts";

/** Keys read at once. */
const KEYS = 1 << 14;

/** One generation of a disk, and the disk's bytes. */
type Generation = Pick<OverlayRecord, "vm" | "disk" | "generation" | "size">;

/** What the store has in a generation, by block index (HAS). */
export async function storedBlocks(database: OverlayDatabase, generation: Generation): Promise<Uint8Array> {
  const stored = new Uint8Array(Math.ceil(generation.size / BLOCK));
  for await (const keys of blockKeys(database, generation)) for (const [, , , index] of keys) stored[index] = HAS.data;
  for (const { page, bits } of await pagesOf(database, generation)) {
    for (let n = 0; n < PAGE; n++) {
      const index = page * PAGE + n;
      if (hasBit(bits, n) && index < stored.length) stored[index] = (stored[index] ?? 0) | HAS.hole;
    }
  }
  return stored;
}

/** The keys of a generation's blocks, some at a time. */
async function* blockKeys(database: OverlayDatabase, { vm, disk, generation }: Generation): AsyncGenerator<BlockKey[]> {
  for (let from: number | undefined = 0; from !== undefined; ) {
    const rest = IDBKeyRange.bound([vm, disk, generation, from], [vm, disk, generation, []]);
    const keys: BlockKey[] = await database.getAllKeys("blocks", rest, KEYS);
    yield keys;
    const last = keys.at(-1);
    from = last && keys.length === KEYS ? last[3] + 1 : undefined;
  }
}

export async function pagesOf(database: OverlayDatabase, { vm, disk, generation }: Omit<Generation, "size">) {
  const keys = generationKeys(vm, disk, generation);
  const transaction = database.transaction("holes");
  const [names, values] = await Promise.all([transaction.store.getAllKeys(keys), transaction.store.getAll(keys)]);
  return names.map(([, , , page], n) => ({ page, bits: values[n] ?? new Uint8Array(0) }));
}

/** What `state` has of a disk, all of its generations together. */
export async function layersOf(
  database: OverlayDatabase,
  { vm, disk, size, layers }: Pick<FrozenRecord, "vm" | "disk" | "size" | "layers">,
): Promise<Layers> {
  const found = new Layers(Math.ceil(size / BLOCK));
  for (const generation of layers.toReversed()) {
    found.add(generation, await storedBlocks(database, { vm, disk, generation, size }));
  }
  return found;
}

/** Successive blocks of one kind. */
export function runsOf(layers: Layers): Run[] {
  const runs: Run[] = [];
  for (let index = 0; index < layers.blocks; index++) {
    const kind = layers.kind(index);
    if (kind === "base") continue;
    const last = runs.at(-1);
    if (last?.kind === kind && last.first + last.count === index) last.count++;
    else runs.push({ kind, first: index, count: 1 });
  }
  return runs;
}

/** A block as `chain` has it; undefined where that is nothing, or zeroes. */
export async function findBlock(
  database: OverlayDatabase,
  { vm, disk }: Pick<FrozenRecord, "vm" | "disk">,
  chain: number[],
  index: number,
): Promise<Uint8Array | undefined> {
  const transaction = database.transaction(["blocks", "holes"]);
  const page = Math.floor(index / PAGE);
  for (const generation of chain) {
    const bytes = await transaction.objectStore("blocks").get([vm, disk, generation, index]);
    if (bytes) return bytes;
    const bits = await transaction.objectStore("holes").get([vm, disk, generation, page]);
    if (bits && hasBit(bits, index % PAGE)) return undefined;
  }
  return undefined;
}

/** Stores the record; what no chain of the disk names then is deleted. */
export function putOverlay(database: OverlayDatabase, record: OverlayRecord): Promise<void> {
  return changed(database, async (change) => {
    await change.objectStore("overlays").put(record);
    await deleteUnused(change, record.vm, record.disk);
  });
}

/** Deletes an overlay, and what it was to go back to; what snapshots need stays. */
export function deleteOverlay(database: OverlayDatabase, vm: string, disk: string): Promise<void> {
  return changed(database, async (change) => {
    await change.objectStore("overlays").delete([vm, disk]);
    await change.objectStore("frozen").delete([vm, disk, BEFORE]);
    await deleteUnused(change, vm, disk);
  });
}

export async function deleteBlocks(database: OverlayDatabase, ranges: IDBKeyRange[]): Promise<void> {
  const transaction = database.transaction(["blocks", "holes"], "readwrite", { durability: "relaxed" });
  await committed(transaction, (add) => {
    for (const keys of ranges) {
      add(transaction.objectStore("blocks").delete(keys));
      add(transaction.objectStore("holes").delete(keys));
    }
  });
}

/** What one transaction puts: blocks, or pages of holes. */
type Batch = { blocks: Map<number, Uint8Array> } | { pages: Map<number, Uint8Array> };

export async function putBatch(
  database: OverlayDatabase,
  generation: [string, string, number],
  batch: Batch,
): Promise<void> {
  const [name, rows] = "blocks" in batch ? (["blocks", batch.blocks] as const) : (["holes", batch.pages] as const);
  const transaction = database.transaction(name, "readwrite", { durability: "relaxed" });
  await committed(transaction, (add) => {
    for (const [index, bytes] of rows) add(transaction.store.put(bytes, [...generation, index]));
  });
}

/** All of a file, a transaction's worth at a time. */
export async function* batchesOf(file: OverlayFile, signal: AbortSignal | undefined): AsyncGenerator<Batch> {
  if (file.base.samples !== "blank") yield { pages: pagesOfRuns(file.runs) };
  const blocks = file.blocks();
  let batch = new Map<number, Uint8Array>();
  for (;;) {
    const { done, value } = await unlessAborted(blocks.next(), signal);
    if (done) break;
    batch.set(value.index, value.bytes);
    if (batch.size < BATCH) continue;
    yield { blocks: batch };
    batch = new Map();
  }
  yield { blocks: batch };
}

function pagesOfRuns(runs: Run[]): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>();
  for (const { kind, first, count } of runs) {
    for (let index = first; kind === "zero" && index < first + count; index++) {
      const page = Math.floor(index / PAGE);
      const bits = pages.get(page) ?? new Uint8Array(PAGE / 8);
      setBit(bits, index % PAGE);
      pages.set(page, bits);
    }
  }
  return pages;
}
