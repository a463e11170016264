import { expect, test } from "vitest";
import { table } from "./disk-report.ts";

test("medians of each side, and their ratios to the first side's; a dash where a side has nothing", () => {
  const mb = (bytes: number, seconds: number) => ({ bytes: bytes * 1e6, seconds });
  const rounds = new Map([
    ["limit", [{ "sequential 64 KiB write": mb(50, 1) }, { "sequential 64 KiB write": mb(100, 1) }]],
    ["ours", [{ "sequential 64 KiB write": mb(60, 1), "random 4 KiB read": mb(1, 0.5) }]],
  ]);
  const lines = table(rounds).split("\n");
  expect(
    lines
      .find((line) => line.startsWith("sequential 64 KiB write "))
      ?.trim()
      .split(/ {2,}/),
  ).toEqual(["sequential 64 KiB write", "75.0", "60.0 (0.80)"]);
  expect(
    lines
      .find((line) => line.startsWith("random 4 KiB read"))
      ?.trim()
      .split(/ {2,}/),
  ).toEqual(["random 4 KiB read", "-", "2.0"]);
});
