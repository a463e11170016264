import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { qemuImg } from "../../../test/lib/qemu-img.ts";
import { BlankDevice } from "../blank.ts";
import { CowDevice } from "../cow.ts";
import type { BlockDevice } from "../device.ts";
import { MemoryDevice } from "../memory.ts";
import { differs } from "../testing/check.ts";
import { MemoryOverlay } from "../testing/memory-overlay.ts";
import { pattern } from "../testing/random.ts";
import { openQcow2 } from "./device.ts";
import { planQcow2, writeQcow2 } from "./write.ts";

/** What we write, read by QEMU's own tool, and what that writes, read by us. */
const installed = qemuImg !== undefined;

const MIB = 1 << 20;
const folder = mkdtempSync(join(tmpdir(), "qemuweb-qcow2-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
const run = (...args: string[]) => execFileSync(qemuImg ?? "", args, { encoding: "utf8", stdio: "pipe" });

async function store(device: BlockDevice, name: string): Promise<void> {
  const layout = await planQcow2(device);
  const parts: Uint8Array[] = [];
  for await (const chunk of writeQcow2(device, layout)) if (chunk.type === "write") parts.push(chunk.data);
  writeFileSync(path(name), Buffer.concat(parts));
}

async function contents(device: BlockDevice): Promise<Uint8Array> {
  const bytes = new Uint8Array(device.size);
  await device.read(0, bytes);
  return bytes;
}

test.runIf(installed).each([
  ["nothing", MIB, []],
  ["a piece of a cluster", 1024, [[0, 700]]],
  [
    "holes, and an end inside a cluster",
    40 * MIB + 512,
    [
      [0, 1],
      [9 * MIB, 300_000],
      [40 * MIB + 511, 1],
    ],
  ],
  ["all of it", 3 * MIB, [[0, 3 * MIB]]],
] as [string, number, [number, number][]][])(
  "qemu-img finds nothing wrong in a disk with %s",
  async (_, size, data) => {
    const bytes = new Uint8Array(size);
    for (const [offset, length] of data) bytes.set(pattern(length, 1), offset);
    await store(new MemoryDevice(bytes), "ours.qcow2");
    writeFileSync(path("right.raw"), bytes);
    expect(run("check", path("ours.qcow2"))).toMatch("No errors were found");
    expect(run("compare", "-f", "raw", "-F", "qcow2", path("right.raw"), path("ours.qcow2"))).toMatch("identical");
    const again = await openQcow2(new MemoryDevice(readFileSync(path("ours.qcow2"))));
    expect(differs(await contents(again), bytes)).toBeUndefined();
  },
);

test.runIf(installed)("a large disk with little in it is a small image", async () => {
  const disk = new CowDevice(new BlankDevice(2 ** 40 + 1024), new MemoryOverlay());
  const bytes = pattern(200_000, 3);
  for (const offset of [5, 2 ** 33, 2 ** 40 - 200_000]) await disk.write(offset, bytes);
  await store(disk, "large.qcow2");
  expect(run("check", path("large.qcow2"))).toMatch("No errors were found");
  const info = JSON.parse(run("info", "--output=json", path("large.qcow2")));
  expect(info["virtual-size"]).toBe(2 ** 40 + 1024);
  expect(info["actual-size"]).toBeLessThan(4 * MIB);
  const again = await openQcow2(new MemoryDevice(readFileSync(path("large.qcow2"))));
  const found = new Uint8Array(bytes.length);
  await again.read(2 ** 40 - 200_000, found);
  expect(differs(found, bytes)).toBeUndefined();
});

test.runIf(installed).each([
  ["version 2", ["-o", "compat=0.10"]],
  ["version 3", []],
  ["packed clusters", ["-c"]],
  ["small clusters", ["-o", "cluster_size=512"]],
  ["large clusters, packed", ["-c", "-o", "cluster_size=2M"]],
])("reads what qemu-img wrote: %s", async (_, options) => {
  const bytes = new Uint8Array(5 * MIB + 1024);
  bytes.set(pattern(MIB, 1), 0);
  bytes.fill(7, 2 * MIB, 3 * MIB + 999);
  bytes.set(pattern(1024, 2), 5 * MIB);
  writeFileSync(path("theirs.raw"), bytes);
  run("convert", "-f", "raw", "-O", "qcow2", ...options, path("theirs.raw"), path("theirs.qcow2"));
  const device = await openQcow2(new MemoryDevice(readFileSync(path("theirs.qcow2"))));
  expect(differs(await contents(device), bytes)).toBeUndefined();
  const part = new Uint8Array(100_000);
  await device.read(3 * MIB - 50_000, part);
  expect(differs(part, bytes.subarray(3 * MIB - 50_000, 3 * MIB + 50_000))).toBeUndefined();
});
