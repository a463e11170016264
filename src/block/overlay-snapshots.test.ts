import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { ByteReader } from "./byte-reader.ts";
import { CowDevice } from "./cow.ts";
import type { BlockDevice } from "./device.ts";
import { identify } from "./identity.ts";
import { MemoryDevice } from "./memory.ts";
import { BLOCK } from "./overlay.ts";
import type { OverlayBase } from "./overlay-base.ts";
import { OverlayStore } from "./overlay-store.ts";
import { PaddedDevice } from "./padded.ts";
import { differs } from "./testing/check.ts";
import { fillStore } from "./testing/failing-store.ts";
import { fakeLocks } from "./testing/fakes.ts";
import { pattern, random } from "./testing/random.ts";

vi.setConfig({ testTimeout: 120_000 });

const BLOCKS = 6;
const SIZE = (BLOCKS - 1) * BLOCK + 100;

let store: OverlayStore;
let image: Uint8Array<ArrayBuffer>;
let base: OverlayBase;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  store = new OverlayStore("overlays", fakeLocks());
  image = pattern(SIZE, 1);
  base = await identify(new MemoryDevice(image));
});

const disks = () => [{ disk: "disk0", base }];

async function open(): Promise<CowDevice> {
  const overlay = await store.open("vm", "disk0", base);
  return new CowDevice(new PaddedDevice(new MemoryDevice(image.slice()), overlay.size), overlay);
}

async function bytesOf(device: BlockDevice): Promise<Uint8Array<ArrayBuffer>> {
  const into = new Uint8Array(device.size);
  await device.read(0, into);
  return into;
}

/** Reads the disk as whoever opens it next does. */
async function contents(): Promise<Uint8Array<ArrayBuffer>> {
  const disk = await open();
  const bytes = await bytesOf(disk);
  await disk.close();
  return bytes;
}

async function change(work: (disk: CowDevice) => Promise<void>): Promise<void> {
  const disk = await open();
  await work(disk);
  await disk.close();
}

async function expectContents(expected: Uint8Array): Promise<void> {
  expect(differs(await contents(), expected)).toBeUndefined();
}

/** Rows of blocks that are stored. */
async function storedBlocks(): Promise<number> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open("overlays");
    request.onsuccess = () => resolve(request.result);
  });
  const count = await new Promise<number>((resolve) => {
    const request = database.transaction("blocks").objectStore("blocks").count();
    request.onsuccess = () => resolve(request.result);
  });
  database.close();
  return count;
}

test("an open disk is kept as it is, and goes on apart from that", async () => {
  const disk = await open();
  await disk.write(0, pattern(3 * BLOCK, 2));
  await disk.discard(BLOCK, BLOCK);
  const then = await bytesOf(disk);
  await disk.freeze("one");
  await disk.write(2 * BLOCK, pattern(2 * BLOCK, 3));
  await disk.write(BLOCK + 5, pattern(5, 4));
  await disk.discard(0, BLOCK);
  const now = await bytesOf(disk);
  await disk.close();
  await expectContents(now);
  await store.snapshots.revert("vm", disks(), "one");
  await expectContents(then);
  expect(await store.list()).toMatchObject([{ parents: ["one"] }]);
  await store.snapshots.delete("vm", "one");
  await expectContents(then);
});

test("an imported, discarded or resized disk leaves snapshots as they were", async () => {
  await change((disk) => disk.write(5, pattern(BLOCK, 2)));
  const then = await contents();
  await store.snapshots.freeze("vm", disks(), "one");
  await change((disk) => disk.write(3 * BLOCK, pattern(2 * BLOCK + 100, 3)));
  const whole = await contents();
  const { stream } = await store.export("vm", "disk0");
  const file = new Uint8Array(await new Response(stream).arrayBuffer());
  await store.grow("vm", "disk0", base, SIZE + 3 * BLOCK);
  const longer = new Uint8Array(SIZE + 3 * BLOCK);
  longer.set(whole);
  await expectContents(longer);

  await store.snapshots.revert("vm", disks(), "one");
  await expectContents(then);
  await store.remove("vm", "disk0");
  await expectContents(image);
  await store.snapshots.revert("vm", disks(), "one");
  await expectContents(then);
  await store.import("vm", "disk0", base, new Response(file).body ?? new ReadableStream());
  await expectContents(whole);
  await store.snapshots.revert("vm", disks(), "one");
  await expectContents(then);
});

test("a disk that is removed is not to be undone any more: the next of its name keeps its changes", async () => {
  await store.snapshots.attempt("vm", disks());
  await store.remove("vm", "disk0");
  await change((disk) => disk.write(0, pattern(BLOCK, 2)));
  expect(await store.snapshots.undo("vm")).toBe(false);
  image.set(pattern(BLOCK, 2));
  await expectContents(image);
});

test("what is only tried is undone, kept, or frozen meanwhile", async () => {
  await change((disk) => disk.write(0, pattern(BLOCK, 2)));
  const before = await contents();
  const { snapshots } = store;
  expect(await snapshots.undo("vm")).toBe(false);
  await snapshots.attempt("vm", disks());
  await change(async (disk) => {
    await disk.write(100, pattern(BLOCK, 3));
    await disk.freeze("meanwhile");
    await disk.write(200, pattern(BLOCK, 4));
  });
  expect(await snapshots.undo("vm")).toBe(true);
  await expectContents(before);
  await change((disk) => disk.write(300, pattern(BLOCK, 5)));
  await snapshots.revert("vm", disks(), "meanwhile");
  await expectContents(Uint8Array.from([...before.slice(0, 100), ...pattern(BLOCK, 3), ...before.slice(100 + BLOCK)]));

  await snapshots.attempt("vm", disks(), "meanwhile");
  await change((disk) => disk.write(0, pattern(BLOCK, 6)));
  const kept = await contents();
  await snapshots.keep("vm", ["disk0"]);
  expect(await snapshots.undo("vm")).toBe(false);
  await expectContents(kept);
});

test("what deleted snapshots kept becomes one with what is above or below", async () => {
  const { snapshots } = store;
  const model: Uint8Array[] = [];
  for (let n = 0; n < 4; n++) {
    await change((disk) => disk.write(n * 100 + 50, pattern(BLOCK, n)));
    model.push(await contents());
    await snapshots.freeze("vm", disks(), `s${n}`);
  }
  expect(await storedBlocks()).toBe(8);
  expect((await snapshots.list("vm")).map(({ bytes }) => bytes / BLOCK)).toEqual([2, 2, 2, 2]);
  await snapshots.delete("vm", "s1");
  await snapshots.delete("vm", "s2");
  await snapshots.tidy("vm");
  expect(await storedBlocks()).toBe(4);
  for (const n of [3, 0]) {
    await snapshots.revert("vm", disks(), `s${n}`);
    await expectContents(model[n] ?? image);
  }
  await snapshots.delete("vm", "s0");
  await snapshots.delete("vm", "s3");
  await snapshots.tidy("vm");
  expect(await storedBlocks()).toBe(2);
  await expectContents(model[0] ?? image);
});

test("data above a hole stays above it while a small generation becomes part of a large one", async () => {
  await change(async (disk) => {
    await disk.discard(0, 2 * BLOCK);
    await disk.flush();
    await disk.write(10, pattern(BLOCK - 20, 2));
  });
  await store.snapshots.freeze("vm", disks(), "one");
  await change((disk) => disk.write(2 * BLOCK, pattern(3 * BLOCK, 3)));
  const now = await contents();
  await store.snapshots.delete("vm", "one");
  await store.snapshots.tidy("vm");
  expect(await storedBlocks()).toBe(4);
  await expectContents(now);
});

test("a disk that is in use can't go back, and stays as it is", async () => {
  await store.snapshots.freeze("vm", disks(), "one");
  const disk = await open();
  const busy = { code: "disk-busy" };
  await expect(store.snapshots.revert("vm", disks(), "one")).rejects.toMatchObject(busy);
  await expect(store.snapshots.freeze("vm", disks(), "two")).rejects.toMatchObject(busy);
  await disk.write(0, pattern(BLOCK, 2));
  await store.snapshots.delete("vm", "one"); // doesn't concern it
  await store.snapshots.tidy("vm");
  const now = await bytesOf(disk);
  await disk.close();
  await expectContents(now);
  await expect(store.snapshots.revert("vm", disks(), "one")).rejects.toMatchObject({ code: "no-such-snapshot" });
});

test("a snapshot's disk leaves as a file, while generations become one, and comes to another VM", async () => {
  const { snapshots } = store;
  await change((disk) => disk.write(0, pattern(2 * BLOCK, 2)));
  await snapshots.freeze("vm", disks(), "one");
  await change((disk) => disk.write(3 * BLOCK, pattern(BLOCK, 3)));
  await change((disk) => disk.discard(0, BLOCK));
  await snapshots.freeze("vm", disks(), "two");
  const then = await contents();
  const { size, chunks } = await snapshots.export("vm", "disk0", "two");
  await snapshots.delete("vm", "one");
  await snapshots.tidy("vm");
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const file = new Blob(parts);
  expect(file.size).toBe(size);

  const reader = (blob: Blob) => new ByteReader(blob.stream());
  const into = (blob: Blob, over = base) =>
    snapshots.import("other", "two", [{ disk: "disk0", base: over, file: reader(blob) }], []);
  await expect(into(file.slice(0, -1))).rejects.toMatchObject({ code: "overlay-file-bad" });
  await expect(into(file, { ...base, samples: "00" })).rejects.toMatchObject({ code: "overlay-foreign" });
  expect(await snapshots.list("vm")).toHaveLength(1);
  await into(file);
  await snapshots.revert("other", disks(), "two");
  const overlay = await store.open("other", "disk0", base);
  const disk = new CowDevice(new MemoryDevice(image.slice()), overlay);
  expect(differs(await bytesOf(disk), then)).toBeUndefined();
  await disk.close();
});

/** Steps at random over a disk that starts from an image, or from nothing, against plain copies; the store is full now and then. */
test.each([1, 2, 3, 4])(
  "whatever is frozen, written, cleared, gone back to, deleted and merged: seed %i",
  async (seed) => {
    const next = random(seed);
    if (seed % 2 === 0) {
      image = new Uint8Array(SIZE);
      base = { size: SIZE, samples: "blank" };
    }
    const kept = new Map<string, Uint8Array>();
    let now = image.slice();
    let before: Uint8Array<ArrayBuffer> | undefined;
    const any = () => [...kept.keys()][next(kept.size)];
    /** Does it, or, in a store that fails, nothing. */
    const orNot = async (work: () => Promise<unknown>, done: () => void): Promise<void> => {
      const free = next(4) === 0 ? fillStore(() => next(3) === 0) : () => {};
      const isDone = await work().then(
        () => true,
        () => false,
      );
      free();
      if (isDone) done();
    };
    for (let step = 0; step < 100; step++) {
      const name = `s${step}`;
      switch (next(9)) {
        case 0:
        case 1: {
          const disk = await open();
          for (let n = next(5); n >= 0; n--) {
            const index = next(BLOCKS - 1);
            if (next(3) === 0) {
              now.fill(0, index * BLOCK, (index + 1) * BLOCK);
              await disk.discard(index * BLOCK, BLOCK);
            } else {
              const bytes = pattern(next(2) === 0 ? BLOCK : 50, step * 10 + n);
              now.set(bytes, index * BLOCK + 7);
              await disk.write(index * BLOCK + 7, bytes);
            }
            if (next(4) > 0) continue;
            await disk.flush();
            const frozen = now.slice();
            await orNot(
              () => disk.freeze(`${name}.${n}`),
              () => kept.set(`${name}.${n}`, frozen),
            );
          }
          expect(differs(await bytesOf(disk), now)).toBeUndefined();
          await disk.close();
          break;
        }
        case 2:
          await orNot(
            () => store.snapshots.freeze("vm", disks(), name),
            () => kept.set(name, now.slice()),
          );
          break;
        case 3: {
          const back = any();
          if (back === undefined) break;
          await orNot(
            () => store.snapshots.revert("vm", disks(), back),
            () => {
              now = (kept.get(back) ?? image).slice();
            },
          );
          break;
        }
        case 4: {
          const gone = any();
          if (gone === undefined) break;
          await orNot(
            () => store.snapshots.delete("vm", gone),
            () => kept.delete(gone),
          );
          break;
        }
        case 5:
          await orNot(
            () => store.snapshots.tidy("vm"),
            () => undefined,
          );
          break;
        case 6:
          if (before) break;
          await orNot(
            () => store.snapshots.attempt("vm", disks()),
            () => {
              before = now.slice();
            },
          );
          break;
        case 7:
          await orNot(
            () => store.snapshots.undo("vm"),
            () => {
              now = before ?? now;
              before = undefined;
            },
          );
          break;
        default:
          await orNot(
            () => store.snapshots.keep("vm", ["disk0"]),
            () => {
              before = undefined;
            },
          );
      }
      if (next(3) === 0) store = new OverlayStore("overlays", fakeLocks()); // the page dies
      expect(differs(await contents(), now), `step ${step}`).toBeUndefined();
    }
    for (const [name, bytes] of kept) {
      await store.snapshots.revert("vm", disks(), name);
      expect(differs(await contents(), bytes), name).toBeUndefined();
    }
    for (const name of kept.keys()) await store.snapshots.delete("vm", name);
    await store.snapshots.keep("vm", ["disk0"]);
    await store.snapshots.tidy("vm");
    expect(await storedBlocks()).toBeLessThanOrEqual(BLOCKS);
  },
);
