import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { openDB } from "idb";
import { beforeEach, expect, test } from "vitest";
import { BlankDevice } from "./blank.ts";
import { CowDevice } from "./cow.ts";
import { identify } from "./identity.ts";
import { MemoryDevice } from "./memory.ts";
import { BLOCK } from "./overlay.ts";
import { OverlayStore } from "./overlay-store.ts";
import { PaddedDevice } from "./padded.ts";
import { differs } from "./testing/check.ts";
import { fakeLocks } from "./testing/fakes.ts";
import first from "./testing/overlay-store-v1.json" with { type: "json" };
import second from "./testing/overlay-store-v2.json" with { type: "json" };
import third from "./testing/overlay-store-v3.json" with { type: "json" };
import { pattern } from "./testing/random.ts";

const BUSY = { code: "disk-busy", message: "The disk disk0 is in use by a VM or another window." };
const OTHER_BASE = { code: "overlay-foreign", message: /another base image/, hint: /Choose the image/ };

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

test("a disk has one writer, in all windows; another disk is another", async () => {
  const locks = fakeLocks();
  const [here, there] = [new OverlayStore("overlays", locks), new OverlayStore("overlays", locks)];
  const base = await identify(new BlankDevice(BLOCK));
  const overlay = await here.open("vm", "disk0", base);
  await expect(here.open("vm", "disk0", base)).rejects.toMatchObject(BUSY);
  await expect(there.open("vm", "disk0", base)).rejects.toMatchObject(BUSY);
  await expect(there.export("vm", "disk0")).rejects.toMatchObject(BUSY);
  await expect(there.import("vm", "disk0", base, new ReadableStream())).rejects.toMatchObject(BUSY);
  await expect(there.remove("vm", "disk0")).rejects.toMatchObject(BUSY);
  await (await there.open("vm", "disk1", base)).close();
  await overlay.close();
  await (await there.open("vm", "disk0", base)).close();
});

test("an overlay never opens over another base", async () => {
  const store = new OverlayStore("overlays", fakeLocks());
  const image = pattern(3 << 20, 1);
  await (await store.open("vm", "disk0", await identify(new MemoryDevice(image)))).close();
  const changed = image.slice();
  changed[image.length - 1] = (changed[image.length - 1] ?? 0) ^ 1;
  const others = [new MemoryDevice(changed), new MemoryDevice(image.slice(0, -1)), new BlankDevice(image.length)];
  for (const other of others) {
    await expect(store.open("vm", "disk0", await identify(other))).rejects.toMatchObject(OTHER_BASE);
  }
  // Nobody is left with the lock.
  await (await store.open("vm", "disk0", await identify(new MemoryDevice(image)))).close();
});

test("removing a disk's overlay leaves the others alone", async () => {
  const store = new OverlayStore("overlays", fakeLocks());
  const disks = await Promise.all(
    ["disk0", "disk1"].map(async (name) => {
      const base = new BlankDevice(2 * BLOCK);
      const disk = new CowDevice(base, await store.open("vm", name, await identify(base)));
      await disk.write(0, pattern(2 * BLOCK, 1));
      await disk.close();
      return name;
    }),
  );
  await store.remove("vm", "disk0");
  const base = await identify(new BlankDevice(2 * BLOCK));
  const found: number[] = [];
  for (const name of disks) {
    const overlay = await store.open("vm", name, base);
    found.push(overlay.statistics().blocks);
    await overlay.close();
  }
  expect(found).toEqual([0, 2]);
});

test("a disk that grows keeps what it had, and is zeroes behind", async () => {
  const store = new OverlayStore("overlays", fakeLocks());
  const image = pattern(2 * BLOCK + 100, 7);
  const base = await identify(new MemoryDevice(image));
  const open = async () => {
    const overlay = await store.open("vm", "disk0", base);
    return new CowDevice(new PaddedDevice(new MemoryDevice(image.slice()), overlay.size), overlay);
  };
  let disk = await open();
  await disk.write(2 * BLOCK + 50, pattern(50, 1));
  await disk.close();
  await store.grow("vm", "disk0", base, 5 * BLOCK + 7);
  await store.grow("vm", "disk0", base, BLOCK); // never shorter
  const expected = new Uint8Array(5 * BLOCK + 7);
  expected.set(image);
  expected.set(pattern(50, 1), 2 * BLOCK + 50);
  disk = await open();
  expect(disk.size).toBe(expected.length);
  const bytes = new Uint8Array(disk.size);
  await disk.read(0, bytes);
  expect(differs(bytes, expected)).toBeUndefined();
  await disk.write(4 * BLOCK, pattern(BLOCK + 7, 2));
  await disk.close();
  expect(await store.list()).toMatchObject([{ vm: "vm", disk: "disk0", size: 5 * BLOCK + 7, isEmpty: false }]);
  await expect(store.open("vm", "disk0", { ...base, size: 5 * BLOCK + 7 })).rejects.toMatchObject(OTHER_BASE);
});

test("tells of overlays and their blocks without opening them", async () => {
  const store = new OverlayStore("overlays", fakeLocks());
  const base = await identify(new BlankDevice(4 * BLOCK));
  expect(await store.find("vm", "disk0", base)).toBeUndefined();
  expect(await store.list()).toEqual([]);
  const overlay = await store.open("vm", "disk0", base);
  expect(await store.list()).toMatchObject([{ bytes: 0, isEmpty: true }]);
  await overlay.write(1, pattern(BLOCK, 1));
  await overlay.flush();
  expect(await store.list()).toMatchObject([{ bytes: BLOCK, isEmpty: false }]);
  expect(differs((await store.peek("vm", "disk0", 1)) ?? new Uint8Array(0), pattern(BLOCK, 1))).toBeUndefined();
  expect(await store.peek("vm", "disk0", 0)).toBeUndefined();
  await overlay.close();
});

test.each([first, second, third])("opens what version $version wrote", async (fixture) => {
  await restore(fixture);
  const image = pattern(2 * BLOCK + 100, 7);
  const base = new MemoryDevice(image.slice());
  const store = new OverlayStore("overlays", fakeLocks());
  const overlay = await store.open("vm", "disk0", await identify(base));
  expect(overlay.statistics()).toEqual({ blocks: 1, zeroes: 1, bytes: 100, waiting: 0 });
  const disk = new CowDevice(base, overlay);
  const bytes = new Uint8Array(disk.size);
  await disk.read(0, bytes);
  image.fill(0, 0, BLOCK);
  image.set(pattern(50, 8), 2 * BLOCK + 10);
  expect(differs(bytes, image)).toBeUndefined();
  await disk.close();
});

test("opens the states that version 3 kept", async () => {
  await restore(third);
  const image = pattern(2 * BLOCK + 100, 7);
  const base = await identify(new MemoryDevice(image));
  const store = new OverlayStore("overlays", fakeLocks());
  await store.snapshots.revert("vm", [{ disk: "disk0", base }], "one");
  const disk = new CowDevice(new MemoryDevice(image.slice()), await store.open("vm", "disk0", base));
  const bytes = new Uint8Array(disk.size);
  await disk.read(0, bytes);
  image.set(pattern(50, 9), 2 * BLOCK + 10);
  expect(differs(bytes, image)).toBeUndefined();
  await disk.close();
});

test("version 1's overlay of an image that grows is known again by the size with room", async () => {
  await restore(first);
  const { size, samples } = await identify(new MemoryDevice(pattern(2 * BLOCK + 100, 7)));
  const store = new OverlayStore("overlays", fakeLocks());
  // The size that version 1 kept is the disk's; the image is shorter.
  const base = { size: BLOCK, samples, diskSize: size };
  for (let round = 0; round < 2; round++) await (await store.open("vm", "disk0", base)).close();
  await expect(store.open("vm", "disk0", { ...base, size: BLOCK - 1 })).rejects.toMatchObject(OTHER_BASE);
});

/** Puts a fixture in place of the database. */
async function restore(fixture: typeof first | typeof second | typeof third): Promise<void> {
  const old = await openDB("overlays", fixture.version, {
    upgrade(database) {
      for (const store of fixture.stores) {
        database.createObjectStore(store.name, "keyPath" in store ? { keyPath: store.keyPath } : {});
      }
    },
  });
  for (const { name, rows } of fixture.stores) {
    for (const { key, value, bytes } of rows as { key?: IDBValidKey; value?: unknown; bytes?: string }[]) {
      await old.put(name, bytes === undefined ? value : new Uint8Array(Buffer.from(bytes, "base64")), key);
    }
  }
  old.close();
}

test("a database of a later version is left alone", async () => {
  (await openDB("overlays", 1000)).close();
  const store = new OverlayStore("overlays", fakeLocks());
  await expect(store.open("vm", "disk0", await identify(new BlankDevice(BLOCK)))).rejects.toMatchObject({
    code: "storage-failed",
    message: /newer version of QemuWeb/,
    hint: "Update the extension.",
  });
});
