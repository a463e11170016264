import { expect, test } from "vitest";
import { parseSize, sizeText } from "./size-field.ts";

test.each([
  ["10", "GiB", 10 * 1024 ** 3],
  [" 1.5 ", "MiB", 1_572_864],
  ["0,5", "GiB", 512 * 1024 ** 2],
  ["8", "TiB", 8 * 1024 ** 4],
  ["0.0001", "MiB", 512],
] as const)("%s %s is a size", (amount, unit, bytes) => {
  expect(parseSize({ amount, unit })).toBe(bytes);
});

test.each([
  ["", "GiB"],
  ["-1", "GiB"],
  ["0", "MiB"],
  ["1e9", "MiB"],
  ["8.001", "TiB"],
] as const)("%s %s is none, and the sentence says why", (amount, unit) => {
  expect(parseSize({ amount, unit })).toEqual({ problem: expect.stringMatching(/^Enter .*\.$/) });
});

test("what a field shows is what it means", () => {
  expect(sizeText(10 * 1024 ** 3)).toEqual({ amount: "10", unit: "GiB" });
  expect(sizeText(1.5 * 1024 ** 4)).toEqual({ amount: "1.5", unit: "TiB" });
  expect(sizeText(600 * 1024 ** 2)).toEqual({ amount: "600", unit: "MiB" });
  const odd = 8 * 1024 ** 2 + 512;
  expect(parseSize(sizeText(odd))).toBeGreaterThanOrEqual(odd);
});
