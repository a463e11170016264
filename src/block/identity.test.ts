import { expect, test } from "vitest";
import { BlankDevice } from "./blank.ts";
import { FileDevice } from "./file.ts";
import { identify, identifyLayered, sameBase } from "./identity.ts";
import { MemoryDevice } from "./memory.ts";
import { emptyQcow2 } from "./qcow2/empty.ts";
import { pattern } from "./testing/random.ts";

test("is the same wherever the image lies", async () => {
  for (const size of [0, 1, 1 << 20, (5 << 20) + 3]) {
    const image = pattern(size, 1);
    const here = await identify(new MemoryDevice(image));
    expect(sameBase(here, await identify(new FileDevice(new Blob([image]))))).toBe(true);
  }
});

test("sees another size, another beginning, another end", async () => {
  const image = pattern(5 << 20, 1);
  const right = await identify(new MemoryDevice(image));
  for (const at of [0, image.length - 1]) {
    const other = image.slice();
    other[at] = (other[at] ?? 0) ^ 1;
    expect(sameBase(right, await identify(new MemoryDevice(other)))).toBe(false);
  }
  expect(sameBase(right, await identify(new MemoryDevice(image.subarray(1))))).toBe(false);
  expect(sameBase(right, await identify(new BlankDevice(image.length)))).toBe(false);
});

test("stays what overlays that are stored say", async () => {
  const base = await identify(new MemoryDevice(pattern(5 << 20, 1)));
  expect(base).toEqual({ size: 5 << 20, samples: "5417edfcca4b03844ea422ecd94dfc9920c52ee5e0e8409b72531cb0dc5fd1bb" });
  const layered = (format: string, size: number) => identifyLayered(base, format, emptyQcow2(size));
  expect(await layered("vdi", 8 << 20)).toEqual({
    size: 5 << 20,
    samples: "1cc93ac69d6dfe4e821f235b062057dd95ebac5d9a1025144fded07cf2e7b9c4",
  });
  expect(await layered("vpc", 8 << 20)).not.toEqual(await layered("vdi", 8 << 20));
  expect(await layered("vdi", 9 << 20)).not.toEqual(await layered("vdi", 8 << 20));
});
