/** Overlay files (overlay-file.ts) made of what is stored, and stored. */
import type { Connection } from "./connection.ts";
import { storeGone } from "./errors.ts";
import { freshGeneration } from "./overlay-chains.ts";
import { changed, type FrozenRecord, generationKeys, type OverlayDatabase } from "./overlay-database.ts";
import { type OverlayFile, overlayFileSize, type Run, writeOverlayFile } from "./overlay-file.ts";
import type { Layers } from "./overlay-layers.ts";
import { batchesOf, deleteBlocks, layersOf, putBatch, runsOf } from "./overlay-rows.ts";
import { deleteUnused, readChains } from "./overlay-states.ts";

/** Blocks read at once: 1 MiB. */
const READ = 16;
const READING = "read the disk's changes";

/** What a file is made of: a disk's state, all of it in layers. */
export type Source = Pick<FrozenRecord, "vm" | "disk" | "base" | "size" | "layers">;

type Stored = Connection<OverlayDatabase>;
type Find = (database: OverlayDatabase) => Promise<Source>;

/**
 * What `find` finds as a file, all generations as one, and its bytes. While it is read, generations may become one with their
 * neighbours.
 */
export async function overlayFile(
  connection: Stored,
  find: Find,
): Promise<{ size: number; chunks: AsyncGenerator<Uint8Array<ArrayBuffer>> }> {
  const { source, layers } = await look(connection, find);
  const file = { base: source.base, size: source.size, runs: runsOf(layers) };
  return { size: overlayFileSize(file), chunks: writeOverlayFile(file, blocks(connection, find, file.runs, layers)) };
}

function look(connection: Stored, find: Find): Promise<{ source: Source; layers: Layers }> {
  return connection.run(READING, async (database) => {
    const source = await find(database);
    return { source, layers: await layersOf(database, source) };
  });
}

async function* blocks(connection: Stored, find: Find, runs: Run[], found: Layers): AsyncGenerator<Uint8Array> {
  let layers = found;
  for (const { kind, first, count } of runs) {
    if (kind !== "data") continue;
    for (let index = first, isSecond = false; index < first + count; ) {
      const end = endOfPiece(layers, index, first + count);
      const piece = await fetch(connection, find, layers.generation(index), index, end);
      if (piece) {
        yield* piece;
        [index, isSecond] = [end, false];
      } else if (isSecond) {
        throw storeGone();
      } else {
        [layers, isSecond] = [(await look(connection, find)).layers, true];
      }
    }
  }
}

function endOfPiece(layers: Layers, index: number, limit: number): number {
  let end = index + 1;
  while (end < Math.min(limit, index + READ) && layers.generation(end) === layers.generation(index)) end++;
  return end;
}

/** The blocks, if the generation has them all. */
function fetch(connection: Stored, find: Find, generation: number | undefined, index: number, end: number) {
  return connection.run(READING, async (database) => {
    const { vm, disk } = await find(database);
    if (generation === undefined) return undefined;
    const keys = IDBKeyRange.bound([vm, disk, generation, index], [vm, disk, generation, end], false, true);
    const blocks = await database.getAll("blocks", keys);
    return blocks.length === end - index ? blocks : undefined;
  });
}

/**
 * Stores what a file has in a generation that no chain of the disk names, and resolves to it: it is garbage until one does. The
 * disk is locked.
 */
export async function storeFile(
  connection: Stored,
  [vm, disk]: [string, string],
  file: OverlayFile,
  signal: AbortSignal | undefined,
): Promise<number> {
  const run = <T>(work: (database: OverlayDatabase) => Promise<T>) =>
    connection.run("store the imported overlay", work);
  const generation = await run((database) =>
    changed(database, async (change) => {
      await deleteUnused(change, vm, disk);
      return freshGeneration(await readChains(change, vm, disk));
    }),
  );
  try {
    for await (const batch of batchesOf(file, signal)) {
      await run((database) => putBatch(database, [vm, disk, generation], batch));
    }
  } catch (error) {
    // What can't be deleted now is when the disk is opened.
    await run((database) => deleteBlocks(database, [generationKeys(vm, disk, generation)])).catch(() => undefined);
    throw error;
  }
  return generation;
}
