import { expect, test } from "vitest";
import { BlankDevice } from "./blank.ts";
import { FileDevice } from "./file.ts";
import { identify, sameBase } from "./identity.ts";
import { MemoryDevice } from "./memory.ts";
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
