import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { qemuImg } from "../../test/lib/qemu-img.ts";
import { crc32c } from "../core/crc32.ts";
import { QemuWebError } from "../core/errors.ts";
import { inspectImage } from "./inspect.ts";
import { MemoryDevice } from "./memory.ts";
import { differs } from "./testing/check.ts";
import { imageMaker, MADE } from "./testing/made-images.ts";
import { pattern, random } from "./testing/random.ts";
import { SparseDevice } from "./testing/sparse.ts";
import { openVhdx } from "./vhdx.ts";

/** What qemu-img makes, and what we take it for. */
const installed = qemuImg !== undefined;

const MIB = 1 << 20;
const { path, run, make: makeOf } = imageMaker("qemuweb-inspect-");
const make = (format: string, options: string[]) => makeOf(format, options, pattern(MIB, 1), 9 * MIB);
const inspect = (bytes: Uint8Array) => inspectImage(new MemoryDevice(bytes));

test.runIf(installed).each(MADE)("knows %s made with %j, and its size", async (format, options) => {
  const bytes = make(format, options);
  const { "virtual-size": virtualSize } = JSON.parse(run("info", "-f", format, "--output=json", path("made")));
  expect(await inspect(bytes)).toEqual({ format, virtualSize });
});

test.runIf(installed)("refuses what is only a part of a disk", async () => {
  make("qcow2", []);
  const over = (format: string, options: string[], ...size: string[]) => {
    run("create", "-f", format, ...options, path(`over.${format}`), ...size);
    return readFileSync(path(`over.${format}`));
  };
  const backed = over("qcow2", ["-b", path("made"), "-F", "qcow2"]);
  await expect(inspect(backed)).rejects.toMatchObject({ code: "image-unsupported", message: /backing file/ });
  run("create", "-f", "vmdk", path("base.vmdk"), "9M");
  const child = over("vmdk", ["-b", path("base.vmdk"), "-F", "vmdk"]);
  await expect(inspect(child)).rejects.toMatchObject({ code: "image-unsupported", message: /parent image/ });
  run("create", "-f", "vmdk", "-o", "subformat=monolithicFlat", path("flat.vmdk"), "9M");
  await expect(inspect(readFileSync(path("flat.vmdk")))).rejects.toMatchObject({ message: /in other files/ });
});

test.runIf(installed)("an image whose end is missing is told", async () => {
  const bytes = make("qcow2", []);
  await expect(inspect(bytes.subarray(0, 600_000))).rejects.toMatchObject({ message: /its end is missing/ });
});

/** Changes a structure of a VHDX, and its checksum. */
function alter(image: Uint8Array, at: number, length: number, change: (view: DataView) => void): void {
  const part = image.subarray(at, at + length);
  const view = new DataView(part.buffer, part.byteOffset, length);
  change(view);
  view.setUint32(4, 0);
  view.setUint32(4, crc32c(part), true);
}

const [FIRST, SECOND, HEADER] = [64 << 10, 128 << 10, 4096];
const sequence = (number: bigint) => (view: DataView) => view.setBigUint64(8, number, true);
const unclosed = (number: bigint) => (view: DataView) => {
  view.setBigUint64(8, number, true);
  view.setUint32(48, 1);
};

test.runIf(installed)("of a VHDX's headers the newest that is whole tells whether it was closed", async () => {
  const image = make("vhdx", []);
  alter(image, FIRST, HEADER, sequence(7n));
  alter(image, SECOND, HEADER, unclosed(8n));
  await expect(inspect(image)).rejects.toMatchObject({ code: "image-unsupported", message: /was not closed/ });
  alter(image, SECOND, HEADER, unclosed(6n));
  expect(await inspect(image)).toMatchObject({ format: "vhdx" });
  alter(image, SECOND, HEADER, unclosed(8n));
  image[SECOND + 100] = 1; // written by half
  expect(await inspect(image)).toMatchObject({ format: "vhdx" });
  alter(image, SECOND, HEADER, (view) => view.setUint16(66, 2, true));
  expect(await inspect(image)).toMatchObject({ format: "vhdx" });
  alter(image, FIRST, HEADER, (view) => view.setUint16(66, 2, true));
  await expect(inspect(image)).rejects.toMatchObject({ code: "image-broken" });
});

test.runIf(installed)("a VHDX's table may be longer than memory", async () => {
  const image = make("vhdx", []);
  // Both of its regions, the table of blocks one of them.
  alter(image, 192 << 10, 64 << 10, (view) => {
    for (const entry of [16, 48]) view.setUint32(entry + 24, 0xfff00000, true);
  });
  const file = new SparseDevice(image, 2 ** 34);
  const disk = await openVhdx(file);
  const seen = new Uint8Array(MIB);
  await disk.read(0, seen);
  expect(differs(seen, pattern(MIB, 1))).toBeUndefined();
  expect(file.longest).toBeLessThanOrEqual(MIB);
  await disk.close();
  await expect(openVhdx(new SparseDevice(image, 2 ** 31))).rejects.toMatchObject({ code: "image-broken" });
});

test.runIf(installed).each(MADE.slice(1))(
  "1,000 random corruptions of %s made with %j are errors, or facts",
  {
    timeout: 60_000,
  },
  async (...kind) => {
    const bytes = make(...kind);
    const next = random(3);
    for (let n = 0; n < 1000; n++) {
      const places = [next(1024), next(bytes.length), bytes.length - 1 - next(512), 192 * 1024 + next(100)];
      const at = Math.min(places[next(places.length)] ?? 0, bytes.length - 16);
      const part = bytes.subarray(at, at + 16);
      const right = Uint8Array.from(part);
      if (next(2) === 0) part[0] = (part[0] ?? 0) ^ (1 << next(8));
      else part.set(pattern(16, n));
      const found = await inspect(next(3) === 0 ? bytes.subarray(0, at) : bytes).catch((thrown: unknown) => thrown);
      part.set(right);
      if (found instanceof Error) expect(found, `corruption ${n}`).toBeInstanceOf(QemuWebError);
      else expect(found, `corruption ${n}`).toMatchObject({ virtualSize: expect.any(Number) });
    }
  },
);

test.each([
  ["gzip", [0x1f, 0x8b, 0x08], "gunzip"],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "unxz"],
])("a file packed with %s is refused with what unpacks it", async (name, magic, command) => {
  const packed = pattern(4096, 1);
  packed.set(magic);
  await expect(inspect(packed)).rejects.toMatchObject({ message: new RegExp(name), hint: new RegExp(command) });
});
