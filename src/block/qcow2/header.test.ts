import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { QemuWebError } from "../../core/errors.ts";
import { inspectImage } from "../inspect.ts";
import { MemoryDevice } from "../memory.ts";
import { differs } from "../testing/check.ts";
import { pattern, random } from "../testing/random.ts";
import { openQcow2 } from "./device.ts";
import { emptyQcow2 } from "./empty.ts";
import { qcow2End } from "./end.ts";
import { checkGrowable, growQcow2 } from "./grow.ts";
import { parseQcow2Header, readQcow2Header } from "./header.ts";
import { CLUSTER, layOut, metadata } from "./layout.ts";
import { planQcow2, writeQcow2 } from "./write.ts";

function blank(virtualSize = 2 ** 30): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([...metadata(layOut(virtualSize, []))]));
}

const bytes = pattern(3 * CLUSTER, 1).fill(0, CLUSTER, 2 * CLUSTER);
const image = await (async () => {
  const device = new MemoryDevice(bytes);
  const parts: Uint8Array[] = [];
  for await (const chunk of writeQcow2(device, await planQcow2(device))) {
    if (chunk.type === "write") parts.push(chunk.data);
  }
  return new Uint8Array(Buffer.concat(parts));
})();

test("reads the header that was written", () => {
  const header = parseQcow2Header(blank(2 ** 40).subarray(0, 512), 4 * CLUSTER);
  expect(header).toMatchObject({ version: 3, clusterBits: 16, virtualSize: 2 ** 40, l1Size: 2048, snapshots: 0 });
});

test.each<[string, (view: DataView) => void, string, RegExp]>([
  ["of a later version", (v) => v.setUint32(4, 4), "image-unsupported", /version 4/],
  ["with a backing file", (v) => v.setBigUint64(8, 0x200n), "image-unsupported", /has a backing file/],
  ["that is encrypted", (v) => v.setUint32(32, 2), "image-unsupported", /is encrypted/],
  ["marked as corrupt", (v) => v.setBigUint64(72, 2n), "image-broken", /marked it as corrupt/],
  ["with a data file", (v) => v.setBigUint64(72, 4n), "image-unsupported", /in another file/],
  ["of zstd", (v) => [v.setBigUint64(72, 8n), v.setUint32(100, 112), v.setUint8(104, 1)], "image-unsupported", /zstd/],
  ["with unknown features", (v) => v.setBigUint64(72, 1n << 40n), "image-unsupported", /features that are unknown/],
  ["with odd clusters", (v) => v.setUint32(20, 8), "image-broken", /clusters have 2\^8 bytes/],
  ["with a short L1 table", (v) => v.setUint32(36, 1), "image-broken", /L1 table is too short/],
  ["with a huge L1 table", (v) => v.setUint32(36, 1 << 30), "image-broken", /L1 table is too long/],
  ["with a crooked L1 table", (v) => v.setBigUint64(40, 513n), "image-broken", /not at the beginning of a cluster/],
  ["cut off", (v) => v.setBigUint64(40, 1n << 40n), "image-broken", /lies behind its end/],
  ["with a table in its header", (v) => v.setBigUint64(40, 0n), "image-broken", /lies in its header/],
  ["with tables in one place", (v) => v.setBigUint64(40, v.getBigUint64(48)), "image-broken", /in the same place/],
  ["without counts", (v) => v.setUint32(56, 0), "image-broken", /no reference count table/],
  ["with a huge size", (v) => v.setBigUint64(24, 1n << 63n), "image-broken", /size makes no sense/],
])("an image %s is refused", async (_, spoil, code, message) => {
  const spoilt = blank();
  spoil(new DataView(spoilt.buffer));
  const refused = await inspectImage(new MemoryDevice(spoilt)).catch((thrown) => thrown);
  expect(refused).toMatchObject({ code, message });
  expect(refused.hint).toMatch(/\w/);
});

/** All that can be told of an image: its facts, where it ends, and what a guest sees of it. */
async function all(file: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const device = new MemoryDevice(file);
  await qcow2End(device);
  const disk = await openQcow2(device);
  // A size that was altered may be anything.
  const found = new Uint8Array(Math.min(disk.size, bytes.length));
  await disk.read(0, found);
  if (disk.size > found.length) await disk.read(disk.size - 1, new Uint8Array(1));
  return found;
}

test("the empty image that overlays lie over is what it always was", async () => {
  const sums = [512, 2 ** 30, 2 ** 43].map(async (size) => {
    const device = emptyQcow2(size);
    const bytes = new Uint8Array(device.size);
    await device.read(0, bytes);
    return createHash("sha256").update(bytes).digest("hex");
  });
  expect(await Promise.all(sums)).toEqual([
    "55556e4b42f16bf444e7b522e1717588dd09040f4a9f9e4a8bfb3ac5675f2714",
    "7606afba45cb38d7495eb7b4037e90cf32178d3266d08fb7fa8d77fdf7152109",
    "2f75b7d3962e8f2119d9e143b19064e6d8d13264547cd71603f79b0b759bf29d",
  ]);
});

test("10,000 random corruptions of headers are each an error, or the image is read as it says", {
  timeout: 120_000,
}, async () => {
  const right = parseQcow2Header(image.subarray(0, 512), image.length);
  const next = random(2026);
  let read = 0;
  for (let n = 0; n < 10_000; n++) {
    let spoilt = image.slice();
    // The fields and a little behind them.
    const at = next(120);
    const kind = next(5);
    if (kind < 2) spoilt[at] = (spoilt[at] ?? 0) ^ (1 << next(8));
    else if (kind === 2) spoilt.set(pattern(1 + next(16), n), at);
    else if (kind === 3) spoilt = spoilt.slice(0, next(4) === 0 ? at : next(spoilt.length));
    else spoilt.copyWithin(at, next(112), 112 + next(16));
    const found = await all(spoilt).catch((thrown: unknown) => thrown);
    if (!(found instanceof Uint8Array)) {
      expect(found, `corruption ${n}`).toBeInstanceOf(QemuWebError);
      continue;
    }
    const { clusterBits, l1Offset, virtualSize } = await readQcow2Header(new MemoryDevice(spoilt));
    const isAltered = clusterBits !== right.clusterBits || l1Offset !== right.l1Offset;
    // What is cut off reads as zeroes, as it does in QEMU.
    if (isAltered || spoilt.length < image.length) continue;
    expect(differs(found, bytes.subarray(0, virtualSize)), `corruption ${n}`).toBeUndefined();
    read++;
  }
  expect(read).toBeGreaterThan(500);
});

test("2,000 random corruptions of tables are each an error or some bytes", { timeout: 120_000 }, async () => {
  const next = random(7);
  for (let n = 0; n < 2000; n++) {
    const spoilt = image.slice();
    const cluster = 1 + next(image.length / CLUSTER - 1);
    const at = cluster * CLUSTER + next(64);
    if (next(2) === 0) spoilt[at] = (spoilt[at] ?? 0) ^ (1 << next(8));
    else spoilt.set(pattern(8, n), at & ~7);
    const found = await all(spoilt).catch((thrown: unknown) => thrown);
    if (!(found instanceof Uint8Array)) expect(found, `corruption ${n}`).toBeInstanceOf(QemuWebError);
  }
});

test("grows as far as its L1 table's clusters reach, and no image with snapshots or bitmaps", async () => {
  const file = blank();
  const device = new MemoryDevice(file);
  file.fill(0xff, 3 * CLUSTER + 16); // nobody promised zeroes there
  await growQcow2(device, 2 ** 42);
  expect(await readQcow2Header(device)).toMatchObject({ virtualSize: 2 ** 42, l1Size: 8192 });
  const disk = await openQcow2(device);
  const found = new Uint8Array(100).fill(1);
  await disk.read(2 ** 42 - 100, found);
  expect(found.every((byte) => byte === 0)).toBe(true);
  const header = parseQcow2Header(blank().subarray(0, 512), 4 * CLUSTER);
  expect(() => checkGrowable(header, 2 ** 42 + 512)).toThrow(/no room/);
  expect(() => checkGrowable({ ...header, snapshots: 1 }, 2 ** 31)).toThrow(/has snapshots/);
  expect(() => checkGrowable({ ...header, bitmaps: true }, 2 ** 31)).toThrow(/has dirty bitmaps/);
});
