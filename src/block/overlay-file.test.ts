import "fake-indexeddb/auto";
import { readFileSync } from "node:fs";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { BlankDevice } from "./blank.ts";
import { ByteReader } from "./byte-reader.ts";
import { CowDevice } from "./cow.ts";
import { BATCH } from "./idb-overlay.ts";
import { identify } from "./identity.ts";
import { MemoryDevice } from "./memory.ts";
import { BLOCK } from "./overlay.ts";
import { readOverlayFile } from "./overlay-file.ts";
import { OverlayStore } from "./overlay-store.ts";
import { differs } from "./testing/check.ts";
import { fillStore } from "./testing/failing-store.ts";
import { fakeLocks } from "./testing/fakes.ts";
import { pattern, random } from "./testing/random.ts";

const image = pattern(6 * BLOCK + 700, 1);
const base = () => new MemoryDevice(image.slice());
const identity = await identify(base());

let store: OverlayStore;
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  store = new OverlayStore("overlays", fakeLocks());
});

async function disk(vm = "vm", device = base() as MemoryDevice | BlankDevice): Promise<CowDevice> {
  return new CowDevice(device, await store.open(vm, "disk0", await identify(device)));
}

async function contents(vm = "vm"): Promise<Uint8Array> {
  const device = await disk(vm);
  const bytes = new Uint8Array(device.size);
  await device.read(0, bytes);
  await device.close();
  return bytes;
}

/** A file with two data blocks apart, one at the end, and a zero block. */
async function example(): Promise<Uint8Array<ArrayBuffer>> {
  const device = await disk("exported");
  await device.write(10, pattern(100, 2));
  await device.discard(2 * BLOCK, BLOCK);
  await device.write(6 * BLOCK, pattern(700, 3));
  await device.close();
  return exported();
}

async function exported(vm = "exported"): Promise<Uint8Array<ArrayBuffer>> {
  const { size, stream } = await store.export(vm, "disk0");
  const file = new Uint8Array(await new Response(stream).arrayBuffer());
  expect(file.length).toBe(size);
  return file;
}

/** In chunks of odd lengths: a stream's pieces mean nothing. */
function streamOf(bytes: Uint8Array, length = 7001): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, at + length));
      else controller.close();
      at += length;
    },
  });
}

function load(bytes: Uint8Array, vm = "vm"): Promise<void> {
  return store.import(vm, "disk0", identity, streamOf(bytes));
}

test("an export is imported as it was, in whatever chunks it comes", async () => {
  const file = await example();
  const expected = await contents("exported");
  for (const length of [1 << 20, 1000]) {
    await store.import("vm", "disk0", identity, streamOf(file, length));
    expect(differs(await contents(), expected)).toBeUndefined();
    const again = await exported("vm");
    expect(differs(again, file)).toBeUndefined();
  }
});

test("the file is laid out as docs/formats/overlay.md says", async () => {
  const file = await example();
  const view = new DataView(file.buffer);
  expect(Buffer.from(file.subarray(0, 8)).toString("latin1")).toBe("\x89QWOV\r\n\x1a");
  expect([view.getUint32(8, true), view.getUint32(12, true)]).toEqual([2, 65536]);
  expect([view.getBigUint64(16, true), view.getBigUint64(24, true)]).toEqual([
    BigInt(image.length),
    BigInt(image.length),
  ]);
  expect(Buffer.from(file.subarray(32, 64)).toString("hex")).toBe(identity.samples);
  expect(view.getUint32(64, true)).toBe(3);
  const runs = Array.from({ length: 9 }, (_, n) => view.getUint32(68 + n * 4, true));
  expect(runs).toEqual([0, 1, 1, 2, 1, 2, 6, 1, 1]);
  expect(file.length).toBe(68 + 36 + 32 + (4 + BLOCK + 16) + (4 + 700 + 16));
});

test.each([1, 2])("reads the file of version %i that is kept for this", async (version) => {
  const file = readFileSync(new URL(`testing/overlay-file-v${version}.bin`, import.meta.url));
  const old = new MemoryDevice(pattern(2 * BLOCK + 100, 7));
  await store.import("vm", "disk0", await identify(old), streamOf(file));
  const device = await disk("vm", old);
  const bytes = new Uint8Array(device.size);
  await device.read(0, bytes);
  const expected = old.bytes.fill(0, 0, BLOCK);
  expected.set(pattern(50, 8), 2 * BLOCK + 10);
  expect(differs(bytes, expected)).toBeUndefined();
  await device.close();
});

test("a blank disk's overlay goes to another blank disk", async () => {
  const blank = () => new BlankDevice(9 * BLOCK);
  const device = await disk("exported", blank());
  await device.write(5 * BLOCK, pattern(3 * BLOCK, 5));
  await device.close();
  const file = await exported();
  await store.import("vm", "disk0", await identify(blank()), streamOf(file));
  const copy = await disk("vm", blank());
  const bytes = new Uint8Array(4 * BLOCK);
  await copy.read(4 * BLOCK, bytes);
  expect(differs(bytes.subarray(BLOCK), pattern(3 * BLOCK, 5))).toBeUndefined();
  await copy.close();
  await expect(store.import("vm", "disk0", identity, streamOf(file))).rejects.toMatchObject({
    code: "overlay-foreign",
  });
});

test("importing replaces everything that was there", async () => {
  const file = await example();
  const device = await disk();
  await device.write(0, pattern(5 * BLOCK, 9));
  await device.close();
  await load(file);
  expect(differs(await contents(), await contents("exported"))).toBeUndefined();
  expect(await rows()).toEqual({ blocks: 4, holes: 2 });
});

async function rows(): Promise<{ blocks: number; holes: number }> {
  const open = indexedDB.open("overlays");
  await new Promise((resolve) => {
    open.onsuccess = resolve;
  });
  const count = (name: string) =>
    new Promise<number>((resolve) => {
      const request = open.result.transaction(name).objectStore(name).count();
      request.onsuccess = () => resolve(request.result);
    });
  const found = { blocks: await count("blocks"), holes: await count("holes") };
  open.result.close();
  return found;
}

/** What was there before, and must be there after each import that fails. */
async function before(): Promise<Uint8Array> {
  const device = await disk();
  await device.write(BLOCK, pattern(BLOCK, 4));
  await device.close();
  return contents();
}

test.each([
  ["empty", () => new Uint8Array(0), "is too short to be one"],
  ["foreign", () => pattern(4000, 1), "is none: it begins otherwise"],
  ["of a later version", (file: Uint8Array) => file.fill(3, 8, 9), "is of version 3, newer than this QemuWeb"],
  ["cut in its header", (file: Uint8Array) => file.subarray(0, 70), "is incomplete"],
  ["cut in a block", (file: Uint8Array) => file.subarray(0, 5000), "is incomplete"],
  ["cut before its last byte", (file: Uint8Array) => file.subarray(0, -1), "is incomplete"],
  ["longer", (file: Uint8Array) => Buffer.concat([file, Uint8Array.of(0)]), "is damaged: it goes on after its end"],
  [
    "altered in its last block",
    (file: Uint8Array) => file.fill(1, -30, -29),
    "is damaged: the checksum of block 6 is wrong",
  ],
])("a file that is %s is refused, and nothing changes", async (_what, spoil, why) => {
  const file = await example();
  const old = await before();
  await expect(load(spoil(file))).rejects.toMatchObject({
    code: "overlay-file-bad",
    message: `The overlay file ${why}.`,
  });
  expect(differs(await contents(), old)).toBeUndefined();
  expect(await rows()).toEqual({ blocks: 3, holes: 1 });
});

test("two blocks that changed places are seen", async () => {
  const device = await disk("exported");
  await device.write(0, pattern(2 * BLOCK, 2));
  await device.close();
  const file = await exported();
  const [first, second] = [file.slice(112, 112 + BLOCK + 20), file.slice(112 + BLOCK + 20)];
  file.set(second, 112);
  file.set(first, 112 + BLOCK + 20);
  await expect(load(file)).rejects.toMatchObject({ message: /checksum of block 0/ });
});

test("a signal ends an import and leaves what was there; the source is told", async () => {
  const file = await example();
  const old = await before();
  const stop = new AbortController();
  const reason = new Error("enough");
  let told: unknown;
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(file.slice(0, 5000)),
    cancel: (why) => {
      told = why;
    },
  });
  const importing = store.import("vm", "disk0", identity, endless, stop.signal);
  setTimeout(() => stop.abort(reason), 20);
  await expect(importing).rejects.toBe(reason);
  expect(told).toBe(reason);
  expect(differs(await contents(), old)).toBeUndefined();
});

/** A file with more blocks than a transaction takes. */
async function long(): Promise<{ file: Uint8Array; blank: () => BlankDevice }> {
  const blank = () => new BlankDevice(2 * BATCH * BLOCK);
  const device = await disk("exported", blank());
  await device.write(0, pattern(2 * BATCH * BLOCK, 2));
  await device.close();
  const file = await exported();
  await store.remove("exported", "disk0");
  return { file, blank };
}

test("an import that the browser's end cut off leaves nothing behind", async () => {
  const { file, blank } = await long();
  const device = await disk("vm", blank());
  await device.write(0, pattern(BLOCK, 3));
  await device.close();
  const half = file.slice(0, file.length / 2 + 10 * BLOCK);
  // It never ends.
  const hanging = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(half) });
  void store.import("vm", "disk0", await identify(blank()), hanging);
  await vi.waitFor(async () => expect((await rows()).blocks).toBe(BATCH + 1));

  store = new OverlayStore("overlays", fakeLocks()); // a new browser
  const again = await disk("vm", blank());
  expect(await rows()).toEqual({ blocks: 1, holes: 0 });
  const bytes = new Uint8Array(BLOCK);
  await again.read(0, bytes);
  expect(differs(bytes, pattern(BLOCK, 3))).toBeUndefined();
  await again.close();
});

test("an import that finds the store full says so and leaves what was there", async () => {
  const { file, blank } = await long();
  const device = await disk("vm", blank());
  await device.write(0, pattern(BLOCK, 3));
  await device.close();
  let puts = 0;
  const free = fillStore(() => ++puts > BATCH + 3);
  const importing = store.import("vm", "disk0", await identify(blank()), streamOf(file, 1 << 20));
  await expect(importing).rejects.toMatchObject({ code: "storage-full", message: /no space left/ });
  free();
  expect(await rows()).toEqual({ blocks: 1, holes: 0 });
  await store.import("vm", "disk0", await identify(blank()), streamOf(file, 1 << 20));
  expect(await rows()).toEqual({ blocks: 2 * BATCH, holes: 0 });
});

test("an export that is cancelled, or whose signal aborts, lets go of the disk", async () => {
  await example();
  await (await store.export("exported", "disk0")).stream.cancel();
  const stop = new AbortController();
  const reader = (await store.export("exported", "disk0", stop.signal)).stream.getReader();
  await reader.read();
  await expect(store.export("exported", "disk0")).rejects.toMatchObject({ code: "disk-busy" });
  stop.abort(new Error("enough"));
  await expect(reader.read()).rejects.toThrow("enough");
  await (await disk("exported")).close();
  await expect(store.export("never written", "disk0")).rejects.toMatchObject({ message: /Nothing was ever written/ });
});

/** Reads the file without a store: what blocks it holds. */
async function parse(bytes: Uint8Array): Promise<string> {
  const file = await readOverlayFile(new ByteReader(streamOf(bytes, 1 << 20)));
  const blocks: string[] = [];
  for await (const { index, bytes } of file.blocks()) blocks.push(`${index} ${Buffer.from(bytes).toString("latin1")}`);
  return JSON.stringify([file.base, file.runs, blocks]);
}

test("10,000 random corruptions are each an error, and never change the store", { timeout: 120_000 }, async () => {
  const file = await example();
  const right = await parse(file);
  const old = await before();
  const next = random(2026);
  // Half of all places lie where the structure is.
  const place = () => (next(2) === 0 ? next(160) : next(file.length));
  let same = 0;
  for (let n = 0; n < 10_000; n++) {
    let spoilt = file.slice();
    const at = place();
    const length = 1 + next(40);
    const kind = next(6);
    if (kind === 0) spoilt[at] = (spoilt[at] ?? 0) ^ (1 << next(8));
    else if (kind === 1) spoilt.set(pattern(length, n).subarray(0, file.length - at), at);
    else if (kind === 2) spoilt = spoilt.slice(0, at);
    else if (kind === 3)
      spoilt = Uint8Array.from(Buffer.concat([spoilt.subarray(0, at), spoilt.subarray(at + length)]));
    else if (kind === 4)
      spoilt = Uint8Array.from(Buffer.concat([spoilt.subarray(0, at), pattern(length, n), spoilt.subarray(at)]));
    else spoilt.copyWithin(at, next(file.length - length), file.length);
    // Into the store now and then: it is slow.
    const reading = n % 200 === 0 && differs(spoilt, file) !== undefined ? load(spoilt) : parse(spoilt);
    const result = await reading.catch((thrown) => thrown);
    if (typeof result === "string") {
      expect(differs(spoilt, file), `corruption ${n}`).toBeUndefined();
      expect(result).toBe(right);
      same++;
    } else {
      expect(result, `corruption ${n}`).toMatchObject({ code: "overlay-file-bad" });
    }
  }
  expect(same).toBeLessThan(100);
  expect(differs(await contents(), old)).toBeUndefined();
});
