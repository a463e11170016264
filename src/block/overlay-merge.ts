import type { Connection } from "./connection.ts";
import { BATCH } from "./idb-overlay.ts";
import { mergeable, withoutGeneration } from "./overlay-chains.ts";
import { changed, generationKeys, hasBit, type OverlayDatabase, PAGE, setBit } from "./overlay-database.ts";
import { HAS } from "./overlay-layers.ts";
import { pagesOf, storedBlocks } from "./overlay-rows.ts";
import { readChains } from "./overlay-states.ts";

type Stored = Connection<OverlayDatabase>;

/** Two generations of a disk, which has `size` bytes. */
interface Pair {
  vm: string;
  disk: string;
  size: number;
  /** The one that goes, and the one that gets what it has. */
  from: number;
  to: number;
  /** Where both have something of a block, `from` has what counts: it is the upper one. */
  fromWins: boolean;
}

/**
 * Makes one of each two generations of a disk that every chain has together, so that what deleted snapshots kept doesn't pile up.
 * The disk is locked. Each transaction leaves all chains as they read: it may end anywhere, and `signal` ends it between two.
 */
export async function mergeGenerations(
  connection: Stored,
  vm: string,
  disk: string,
  signal?: AbortSignal,
): Promise<void> {
  const run = <T>(work: (database: OverlayDatabase) => Promise<T>) =>
    connection.run("tidy up the disk's changes", work);
  for (;;) {
    const pair = await run((database) => nextPair(database, vm, disk));
    if (!pair) return;
    const have = (generation: number) =>
      run((database) => storedBlocks(database, { vm, disk, generation, size: pair.size }));
    const [from, to] = [await have(pair.from), await have(pair.to)];
    // Holes before data: a bit that data hides must not come out while blocks leave.
    for (const page of await run((database) => pagesOf(database, { vm, disk, generation: pair.from }))) {
      signal?.throwIfAborted();
      await run((database) => moveHoles(database, pair, page, from, to));
    }
    const blocks = [...from.keys()].filter((index) => (from[index] ?? 0) & HAS.data);
    for (let n = 0; n < blocks.length; n += BATCH) {
      signal?.throwIfAborted();
      await run((database) => moveBlocks(database, pair, blocks.slice(n, n + BATCH), to));
    }
    await run((database) => dropGeneration(database, pair));
  }
}

/** What takes fewer blocks to move goes. */
function nextPair(database: OverlayDatabase, vm: string, disk: string): Promise<Pair | undefined> {
  return changed(database, async (change) => {
    const chains = await readChains(change, vm, disk);
    const found = mergeable(chains);
    if (!found) return undefined;
    const { upper, lower } = found;
    const size = Math.max(...[...chains.frozen, ...(chains.record ? [chains.record] : [])].map((state) => state.size));
    const count = (generation: number) => change.objectStore("blocks").count(generationKeys(vm, disk, generation));
    return (await count(upper)) <= (await count(lower))
      ? { vm, disk, size, from: upper, to: lower, fromWins: true }
      : { vm, disk, size, from: lower, to: upper, fromWins: false };
  });
}

async function moveHoles(
  database: OverlayDatabase,
  { vm, disk, from, to, fromWins }: Pair,
  { page, bits }: { page: number; bits: Uint8Array },
  has: Uint8Array,
  toHas: Uint8Array,
): Promise<void> {
  const holes: number[] = [];
  for (let n = 0; n < PAGE; n++) {
    const index = page * PAGE + n;
    if (hasBit(bits, n) && !((has[index] ?? 0) & HAS.data)) holes.push(index);
  }
  await changed(
    database,
    async (change) => {
      const pages = change.objectStore("holes");
      const merged = (await pages.get([vm, disk, to, page]))?.slice() ?? new Uint8Array(PAGE / 8);
      for (const index of holes) {
        setBit(merged, index % PAGE);
        if (fromWins && (toHas[index] ?? 0) & HAS.data)
          await change.objectStore("blocks").delete([vm, disk, to, index]);
      }
      if (holes.length > 0) await pages.put(merged, [vm, disk, to, page]);
      await pages.delete([vm, disk, from, page]);
    },
    "relaxed",
  );
  for (const index of holes) toHas[index] = fromWins ? HAS.hole : (toHas[index] ?? 0) | HAS.hole;
}

async function moveBlocks(
  database: OverlayDatabase,
  { vm, disk, from, to, fromWins }: Pair,
  indexes: number[],
  toHas: Uint8Array,
): Promise<void> {
  await changed(
    database,
    async (change) => {
      const blocks = change.objectStore("blocks");
      for (const index of indexes) {
        const key = (generation: number): [string, string, number, number] => [vm, disk, generation, index];
        const bytes = fromWins || !toHas[index] ? await blocks.get(key(from)) : undefined;
        if (bytes) await blocks.put(bytes, key(to));
        await blocks.delete(key(from));
      }
    },
    "relaxed",
  );
}

function dropGeneration(database: OverlayDatabase, { vm, disk, from }: Pair): Promise<void> {
  return changed(database, async (change) => {
    const { record, frozen } = withoutGeneration(await readChains(change, vm, disk), from);
    if (record) await change.objectStore("overlays").put(record);
    for (const state of frozen) await change.objectStore("frozen").put(state);
  });
}
