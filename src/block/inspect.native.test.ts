import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { qemuImg } from "../../test/lib/qemu-img.ts";
import { QemuWebError } from "../core/errors.ts";
import { inspectImage } from "./inspect.ts";
import { MemoryDevice } from "./memory.ts";
import { imageMaker, MADE } from "./testing/made-images.ts";
import { pattern, random } from "./testing/random.ts";

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
