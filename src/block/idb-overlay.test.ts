import "fake-indexeddb/auto";
import { forceCloseDatabase, IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deferred } from "../core/deferred.ts";
import { BlankDevice } from "./blank.ts";
import { CowDevice } from "./cow.ts";
import type { BlockDevice } from "./device.ts";
import { BATCH, type IdbOverlay, RECENT, ROOM } from "./idb-overlay.ts";
import { identify } from "./identity.ts";
import { MemoryDevice } from "./memory.ts";
import { BLOCK } from "./overlay.ts";
import { PAGE } from "./overlay-database.ts";
import { OverlayStore } from "./overlay-store.ts";
import { differs } from "./testing/check.ts";
import { fillStore, watchTransactions } from "./testing/failing-store.ts";
import { fakeLocks } from "./testing/fakes.ts";
import { pattern, random } from "./testing/random.ts";

const FULL = { code: "storage-full", message: /no space left/, hint: /Free some disk space/ };
const GONE = { code: "storage-failed", message: /deleted from the browser's storage/ };

// Megabytes through fake-indexeddb, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

let store: OverlayStore;
const undo: (() => void)[] = [];

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  store = new OverlayStore("overlays", fakeLocks());
});
afterEach(() => {
  for (const step of undo.splice(0)) step();
});

async function open(base: BlockDevice): Promise<{ disk: CowDevice; overlay: IdbOverlay }> {
  const overlay = await store.open("vm", "disk0", await identify(base));
  return { disk: new CowDevice(base, overlay), overlay };
}

/** `toEqual` takes minutes for megabytes. */
async function expectBytes(device: BlockDevice, expected: Uint8Array, offset = 0): Promise<void> {
  expect(differs(await bytesOf(device, offset, expected.length), expected)).toBeUndefined();
}

async function bytesOf(device: BlockDevice, offset = 0, length = device.size): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  await device.read(offset, into);
  return into;
}

test("stores a batch to a transaction, and ends a flush with a strict one", async () => {
  const { disk } = await open(new BlankDevice(10 * BATCH * BLOCK));
  const seen = watchTransactions();
  undo.push(seen.stop);
  const bytes = pattern((3 * BATCH + 5) * BLOCK, 1);
  await disk.write(0, bytes);
  await disk.flush();
  expect(seen.durabilities).toEqual(["relaxed", "relaxed", "relaxed", "strict"]);
  // The last has the overlay's record too.
  expect(seen.puts).toEqual([BATCH, BATCH, BATCH, 6]);
  await disk.flush();
  expect(seen.durabilities).toHaveLength(4);
  await expectBytes(disk, bytes);
  await disk.close();
});

test("a flush with nothing left to store still waits for the disk, once", async () => {
  const { disk, overlay } = await open(new BlankDevice(BATCH * BLOCK));
  const seen = watchTransactions();
  undo.push(seen.stop);
  await disk.write(0, pattern(BATCH * BLOCK, 1));
  await vi.waitFor(() => expect(overlay.statistics().waiting).toBe(0));
  expect(seen.durabilities).toEqual(["relaxed"]);
  await disk.flush();
  expect(seen.durabilities).toEqual(["relaxed", "strict"]);
  expect(seen.puts).toEqual([BATCH, 1]);
  await disk.close();
});

test("a flush waits for a write that still reads its block's rest", async () => {
  const slow = deferred<void>();
  class SlowDevice extends MemoryDevice {
    protected override async readRange(offset: number, into: Uint8Array): Promise<void> {
      await slow.promise;
      await super.readRange(offset, into);
    }
  }
  const base = new SlowDevice(pattern(2 * BLOCK, 1));
  const overlay = await store.open("vm", "disk0", { size: base.size, samples: "slow" });
  const disk = new CowDevice(base, overlay);
  const writing = disk.write(5, Uint8Array.of(1));
  const flushed = disk.flush().then(() => overlay.statistics());
  slow.resolve();
  await writing;
  expect(await flushed).toMatchObject({ blocks: 1, waiting: 0 });
  await disk.close();
});

test("zeroes take no space, and hide the base", async () => {
  const base = new MemoryDevice(pattern(4 * BLOCK + 100, 2));
  const { disk, overlay } = await open(base);
  await disk.write(0, pattern(2 * BLOCK, 3));
  await disk.write(4 * BLOCK, pattern(100, 3));
  await disk.flush();
  expect(overlay.statistics()).toEqual({ blocks: 3, zeroes: 0, bytes: 2 * BLOCK + 100, waiting: 0 });
  await disk.discard(0, BLOCK);
  await disk.write(2 * BLOCK, new Uint8Array(BLOCK));
  await disk.flush();
  expect(overlay.statistics()).toEqual({ blocks: 2, zeroes: 2, bytes: BLOCK + 100, waiting: 0 });
  const now = await bytesOf(disk);
  expect(now.subarray(0, BLOCK).every((byte) => byte === 0)).toBe(true);
  await disk.close();
  const again = await open(new MemoryDevice(base.bytes));
  await expectBytes(again.disk, now);
  expect(again.overlay.statistics()).toEqual({ blocks: 2, zeroes: 2, bytes: BLOCK + 100, waiting: 0 });
  await again.disk.close();
});

test("zeroes on a blank disk leave nothing behind", async () => {
  const { disk, overlay } = await open(new BlankDevice(8 * BLOCK));
  await disk.discard(0, disk.size);
  expect(overlay.statistics().waiting).toBe(0);
  await disk.write(0, pattern(3 * BLOCK, 1));
  await disk.flush();
  await disk.discard(BLOCK, 2 * BLOCK);
  await disk.flush();
  expect(overlay.statistics()).toEqual({ blocks: 1, zeroes: 0, bytes: BLOCK, waiting: 0 });
  await disk.close();
});

test("discarding a whole disk is a few transactions, and a bit of each block", async () => {
  const blocks = 3 * PAGE + 5;
  class EndlessDevice extends BlankDevice {} // one that isn't known to be blank
  const base = new EndlessDevice(blocks * BLOCK);
  const overlay = await store.open("vm", "disk0", { size: base.size, samples: "some" });
  const disk = new CowDevice(base, overlay);
  await disk.write(7 * BLOCK, pattern(3 * BLOCK, 1));
  await disk.flush();
  const seen = watchTransactions();
  undo.push(seen.stop);
  await disk.discard(0, disk.size);
  await disk.flush();
  expect(seen.durabilities.length).toBeLessThan(8);
  expect(overlay.statistics()).toEqual({ blocks: 0, zeroes: blocks, bytes: 0, waiting: 0 });
  await disk.write(PAGE * BLOCK + 1, pattern(1, 2));
  await disk.close();
  const again = await store.open("vm", "disk0", { size: base.size, samples: "some" });
  expect(again.statistics()).toEqual({ blocks: 1, zeroes: blocks - 1, bytes: BLOCK, waiting: 0 });
  await again.close();
});

test("what a full store refuses stays in memory until a later flush stores it", async () => {
  const base = new MemoryDevice(pattern(8 * BLOCK, 1));
  const { disk, overlay } = await open(base);
  const model = base.bytes.slice();
  const write = async (offset: number, bytes: Uint8Array) => {
    model.set(bytes, offset);
    await disk.write(offset, bytes);
  };
  await write(0, pattern(2 * BLOCK, 2));
  await disk.flush();

  const free = fillStore(() => true);
  await write(BLOCK + 5, pattern(2 * BLOCK, 3));
  await expect(disk.flush()).rejects.toMatchObject(FULL);
  await expect(disk.flush()).rejects.toMatchObject(FULL);
  expect(overlay.statistics()).toMatchObject({ waiting: 3 });
  await write(5 * BLOCK, new Uint8Array(BLOCK));
  await expectBytes(disk, model);

  free();
  await disk.flush();
  expect(overlay.statistics()).toEqual({ blocks: 4, zeroes: 1, bytes: 4 * BLOCK, waiting: 0 });
  await disk.close();
  const again = await open(new MemoryDevice(base.bytes));
  await expectBytes(again.disk, model);
  await again.disk.close();
});

test("a full store ends in refused writes, not in endless memory; freed, they go on", async () => {
  const { disk, overlay } = await open(new BlankDevice(2 * ROOM * BLOCK));
  const free = fillStore(() => true);
  const block = pattern(BLOCK, 1);
  for (let n = 0; n < ROOM; n++) await disk.write(n * BLOCK, block);
  await expect(disk.write(ROOM * BLOCK, block)).rejects.toMatchObject(FULL);
  expect(overlay.statistics().waiting).toBe(ROOM);
  await disk.write(0, block); // what waits already may change
  free();
  await disk.write(ROOM * BLOCK, block);
  await disk.flush();
  expect(overlay.statistics()).toMatchObject({ blocks: ROOM + 1, waiting: 0 });
  await disk.close();
});

test("closing a disk whose changes can't be stored says so, and lets go of it", async () => {
  const { disk } = await open(new BlankDevice(BLOCK));
  await disk.write(0, Uint8Array.of(1));
  undo.push(fillStore(() => true));
  await expect(disk.close()).rejects.toMatchObject(FULL);
  undo.pop()?.();
  await (await open(new BlankDevice(BLOCK))).disk.close();
});

test("a database that is deleted under a disk is an error, never old bytes or zeroes", async () => {
  const first = await open(new MemoryDevice(pattern(4 * BLOCK, 1)));
  await first.disk.write(0, pattern(BLOCK, 2));
  await first.disk.close();
  // Opened again, it has nothing in memory.
  const { disk } = await open(new MemoryDevice(pattern(4 * BLOCK, 1)));
  await new Promise((resolve) => {
    indexedDB.deleteDatabase("overlays").onsuccess = resolve;
  });
  await expect(bytesOf(disk, 0, BLOCK)).rejects.toMatchObject(GONE);
  await disk.write(BLOCK, pattern(BLOCK, 3));
  await expect(disk.flush()).rejects.toMatchObject(GONE);
  await expectBytes(disk, pattern(BLOCK, 3), BLOCK);
  await expect(disk.close()).rejects.toMatchObject(GONE);
});

test("a connection that the browser ends is opened again", async () => {
  let connection: IDBDatabase | undefined;
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...args: Parameters<typeof begin>) {
    connection = this;
    return begin.apply(this, args);
  };
  undo.push(() => {
    IDBDatabase.prototype.transaction = begin;
  });
  const first = await open(new BlankDevice(4 * BLOCK));
  const bytes = pattern(2 * BLOCK, 1);
  await first.disk.write(0, bytes);
  await first.disk.close();
  const { disk } = await open(new BlankDevice(4 * BLOCK));
  const end = forceCloseDatabase as unknown as (database: unknown) => void;
  end(connection);
  await expectBytes(disk, bytes);
  await disk.write(2 * BLOCK, bytes);
  end(connection);
  await disk.flush();
  await expectBytes(disk, bytes, 2 * BLOCK);
  await disk.close();
});

test("a store that fails at random loses nothing that a flush acknowledged", async () => {
  const blocks = 200;
  for (let seed = 1; seed <= 4; seed++) {
    globalThis.indexedDB = new IDBFactory();
    store = new OverlayStore("overlays", fakeLocks());
    const next = random(seed);
    const base = pattern(blocks * BLOCK, seed);
    let { disk } = await open(new MemoryDevice(base.slice()));
    /** Of each block the marks that it may have after a crash: that of the last flush, and all since. */
    const marks = Array.from({ length: blocks }, (_, index) => [base[index * BLOCK + 1]]);
    for (let round = 0; round < 12; round++) {
      const free = fillStore(() => next(60) === 0);
      for (let n = 0; n < 60; n++) {
        const index = next(blocks);
        const mark = next(3) === 0 ? 0 : 1 + next(255);
        const change =
          mark === 0 ? disk.discard(index * BLOCK, BLOCK) : disk.write(index * BLOCK + 1, Uint8Array.of(mark));
        await change;
        marks[index]?.push(mark);
        if (next(10) > 0) continue;
        const counts = marks.map((list) => list.length);
        const isDone = await disk.flush().then(
          () => true,
          () => false,
        );
        if (isDone) for (const [at, list] of marks.entries()) list.splice(0, (counts[at] ?? 1) - 1);
      }
      free();
      // The page dies: what waits in memory is gone, and so are its locks.
      store = new OverlayStore("overlays", fakeLocks());
      disk = (await open(new MemoryDevice(base.slice()))).disk;
      for (const [index, list] of marks.entries()) {
        const [mark] = await bytesOf(disk, index * BLOCK + 1, 1);
        expect(list, `seed ${seed}, round ${round}, block ${index}`).toContain(mark);
        list.splice(0, list.length, mark);
      }
    }
    await disk.close();
  }
});

test("blocks that were stored or read lately are not fetched again, and no more of them than there is room for", async () => {
  const { disk } = await open(new BlankDevice((RECENT + 10) * BLOCK));
  for (let n = 0; n < RECENT + 10; n++) await disk.write(n * BLOCK, pattern(BLOCK, n + 1));
  await disk.flush();
  let fetched = 0;
  const get = IDBObjectStore.prototype.get;
  IDBObjectStore.prototype.get = function (this: IDBObjectStore, ...args: Parameters<typeof get>) {
    fetched++;
    return get.apply(this, args);
  };
  undo.push(() => {
    IDBObjectStore.prototype.get = get;
  });
  for (let at = 0; at < BLOCK; at += 4096) await disk.write((RECENT + 9) * BLOCK + at, pattern(4096, 5));
  await disk.flush();
  expect(fetched).toBe(0);
  await expectBytes(disk, pattern(BLOCK, 1).subarray(100, 200), 100);
  await expectBytes(disk, pattern(BLOCK, 1).subarray(300, 400), 300);
  expect(fetched).toBe(1);
});
