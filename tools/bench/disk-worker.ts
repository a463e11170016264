/** The Worker of `npm run bench:disk`: requests to a disk's changes in the browser's own storage. */
import { BlankDevice } from "../../src/block/blank.ts";
import { CowDevice } from "../../src/block/cow.ts";
import type { BlockDevice } from "../../src/block/device.ts";
import { identify } from "../../src/block/identity.ts";
import { type OpfsFile, openOpfs } from "../../src/block/opfs.ts";
import { BLOCK } from "../../src/block/overlay.ts";
import { OverlayStore } from "../../src/block/overlay-store.ts";
import { openOpfsOverlay } from "../../src/block/testing/opfs-overlay.ts";
import { random } from "../../src/block/testing/random.ts";
import { AREA, type Item, items, type Result, type Results, type Store } from "./disk-items.ts";

export interface Task {
  store: Store;
  seed: number;
}

/** Requests under way at once, as a guest's page cache has them; those with a flush come one after the other. */
const DEPTH = 16;

/** Bytes that an item handles. */
function bytesOf(item: Item): number {
  const length = lengthOf(item);
  if (item.endsWith("flush")) return 100 * length;
  return length === BLOCK ? AREA : item.startsWith("random") ? 4 << 20 : 16 << 20;
}

const lengthOf = (item: Item) => (item.includes(" 64 KiB") ? BLOCK : 4096);

/** LevelDB compresses: this doesn't. */
const noise = new Uint8Array(AREA + BLOCK);
for (let at = 0; at < noise.length; at += BLOCK) crypto.getRandomValues(noise.subarray(at, at + BLOCK));

/** Other bytes for each request. */
function bytesFor(request: number, length: number): Uint8Array<ArrayBuffer> {
  const at = (request * 12_289) % AREA;
  return noise.subarray(at, at + length);
}

async function opfsFile(): Promise<OpfsFile> {
  const root = await navigator.storage.getDirectory();
  const file = await root.getFileHandle(crypto.randomUUID(), { create: true });
  return file as unknown as OpfsFile; // the DOM's types leave out what only Workers have
}

async function openDisk(store: Exclude<Store, "raw IndexedDB">): Promise<BlockDevice> {
  if (store === "OPFS file") return openOpfs(await opfsFile(), AREA);
  const base = new BlankDevice(AREA);
  if (store === "OPFS overlay") {
    const files = await Promise.all([opfsFile(), opfsFile(), opfsFile()]);
    return new CowDevice(base, await openOpfsOverlay(files, AREA));
  }
  const overlays = new OverlayStore(crypto.randomUUID());
  return new CowDevice(base, await overlays.open("vm", "disk0", await identify(base)));
}

async function timed(bytes: number, work: () => Promise<void>): Promise<Result> {
  const begun = performance.now();
  await work();
  return { bytes, seconds: (performance.now() - begun) / 1000 };
}

async function benchDisk(disk: BlockDevice, seed: number): Promise<Results> {
  const results: Results = {};
  for (const item of items) {
    const [bytes, length] = [bytesOf(item), lengthOf(item)];
    const next = random(seed);
    const place = (n: number) => (item.startsWith("random") ? next(AREA / length) : n) * length;
    const request = async (n: number) => {
      if (item.endsWith("read")) return disk.read(place(n), new Uint8Array(length));
      await disk.write(place(n), bytesFor(n, length));
      if (item.endsWith("flush")) await disk.flush();
    };
    results[item] = await timed(bytes, async () => {
      let n = 0;
      const lane = async () => {
        while (n < bytes / length) await request(n++);
      };
      await Promise.all(Array.from({ length: item.endsWith("flush") ? 1 : DEPTH }, lane));
      if (item.endsWith("write")) await disk.flush();
    });
  }
  await disk.close();
  return results;
}

/** The most that IndexedDB gives for blocks of 64 KiB: put and read many to a transaction, by keys such as the overlay's. */
async function benchRaw(): Promise<Results> {
  const BATCH = 128;
  const database = await opened(indexedDB.open(crypto.randomUUID(), 1));
  const key = (n: number) => ["vm", "disk0", 1, n];
  const put = (from: number, end: number, durability: IDBTransactionDurability) => {
    const transaction = database.transaction("blocks", "readwrite", { durability });
    for (let n = from; n < end; n++) transaction.objectStore("blocks").put(bytesFor(n, BLOCK).slice(), key(n));
    return done(transaction);
  };
  const count = AREA / BLOCK;
  const results: Results = {
    "sequential 64 KiB write": await timed(AREA, async () => {
      for (let n = 0; n < count; n += BATCH) await put(n, n + BATCH, n + BATCH < count ? "relaxed" : "strict");
    }),
    "sequential 64 KiB read": await timed(AREA, async () => {
      for (let n = 0; n < count; n += BATCH) {
        const transaction = database.transaction("blocks");
        transaction.objectStore("blocks").getAll(IDBKeyRange.bound(key(n), key(n + BATCH), false, true));
        await done(transaction);
      }
    }),
    "sequential 64 KiB write+flush": await timed(bytesOf("sequential 64 KiB write+flush"), async () => {
      for (let n = 0; n < 100; n++) await put(n, n + 1, "strict");
    }),
  };
  database.close();
  return results;
}

function opened(request: IDBOpenDBRequest): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    request.onupgradeneeded = () => void request.result.createObjectStore("blocks");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Each side finds an empty store. */
async function clear(): Promise<void> {
  for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name);
  const root = await navigator.storage.getDirectory();
  for await (const name of root.keys()) await root.removeEntry(name);
}

async function run({ store, seed }: Task): Promise<Results> {
  const results = store === "raw IndexedDB" ? await benchRaw() : await benchDisk(await openDisk(store), seed);
  await clear();
  return results;
}

addEventListener("message", ({ data }: MessageEvent<Task>) => {
  run(data).then(postMessage, (thrown: unknown) => postMessage({ error: String(thrown) }));
});
