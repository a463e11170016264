/** An overlay's rows in the database, read and written together. */
import { BATCH, STORED } from "./idb-overlay.ts";
import { BLOCK } from "./overlay.ts";
import {
  type BlockKey,
  committed,
  generationKeys,
  hasBit,
  type OverlayDatabase,
  type OverlayRecord,
  otherGenerations,
  PAGE,
  setBit,
} from "./overlay-database.ts";
import type { OverlayFile, Run } from "./overlay-file.ts";
import { unlessAborted } from "./settle.ts";

/** Keys read at once. */
const KEYS = 1 << 14;

const ALL = ["overlays", "blocks", "holes"] as const;

/** What the store holds of an overlay, by block index (STORED). */
export async function storedBlocks(database: OverlayDatabase, record: OverlayRecord): Promise<Uint8Array> {
  const { vm, disk, generation, size } = record;
  const stored = new Uint8Array(Math.ceil(size / BLOCK));
  for (let from: number | undefined = 0; from !== undefined; ) {
    const rest = IDBKeyRange.bound([vm, disk, generation, from], [vm, disk, generation, []]);
    const keys: BlockKey[] = await database.getAllKeys("blocks", rest, KEYS);
    for (const [, , , index] of keys) stored[index] = STORED.data;
    const last = keys.at(-1);
    from = last && keys.length === KEYS ? last[3] + 1 : undefined;
  }
  for (const [[, , , page], bits] of await pagesOf(database, record)) {
    for (let n = 0; n < PAGE; n++) {
      const index = page * PAGE + n;
      if (hasBit(bits, n) && index < stored.length) stored[index] = (stored[index] ?? 0) | STORED.hole;
    }
  }
  return stored;
}

async function pagesOf(database: OverlayDatabase, { vm, disk, generation }: OverlayRecord) {
  const keys = generationKeys(vm, disk, generation);
  const transaction = database.transaction("holes");
  const [names, values] = await Promise.all([transaction.store.getAllKeys(keys), transaction.store.getAll(keys)]);
  return names.map((name, n) => [name, values[n] ?? new Uint8Array(0)] as const);
}

/** Successive blocks of one kind that an overlay has, from what is stored of it. */
export function runsOf(stored: Uint8Array): Run[] {
  const runs: Run[] = [];
  for (let index = 0; index < stored.length; index++) {
    const what = stored[index];
    if (!what) continue;
    const kind = what & STORED.data ? "data" : "zero";
    const last = runs.at(-1);
    if (last?.kind === kind && last.first + last.count === index) last.count++;
    else runs.push({ kind, first: index, count: 1 });
  }
  return runs;
}

/** Makes a new overlay's record. */
export async function createOverlay(
  database: OverlayDatabase,
  overlay: Pick<OverlayRecord, "vm" | "disk" | "base" | "size">,
): Promise<OverlayRecord> {
  const now = Date.now();
  const record = { ...overlay, generation: 1, created: now, flushed: now };
  await putOverlay(database, record);
  return record;
}

/** Stores the record, and makes its generation the disk's only one. */
export async function putOverlay(database: OverlayDatabase, record: OverlayRecord): Promise<void> {
  const transaction = database.transaction(ALL, "readwrite", { durability: "strict" });
  await committed(transaction, (add) => {
    add(transaction.objectStore("overlays").put(record));
    for (const keys of otherGenerations(record.vm, record.disk, record.generation)) {
      add(transaction.objectStore("blocks").delete(keys));
      add(transaction.objectStore("holes").delete(keys));
    }
  });
}

/** Deletes an overlay with all that any generation left. */
export async function deleteOverlay(database: OverlayDatabase, vm: string, disk: string): Promise<void> {
  const transaction = database.transaction(ALL, "readwrite", { durability: "strict" });
  await committed(transaction, (add) => {
    add(transaction.objectStore("overlays").delete([vm, disk]));
    for (const keys of otherGenerations(vm, disk, undefined)) {
      add(transaction.objectStore("blocks").delete(keys));
      add(transaction.objectStore("holes").delete(keys));
    }
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
