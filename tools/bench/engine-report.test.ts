import { expect, it } from "vitest";
import { type BenchRun, checkSums, geometricMean, parseRun, report } from "./engine-report.ts";

const read = (...lines: [at: number, text: string][]) => lines.map(([at, text]) => ({ at, text }));
const run = (items: Record<string, [time: number, checksum: string]>): BenchRun => ({
  clock: 1,
  items: new Map(
    Object.entries(items).map(([name, [nanosecondsPerOperation, checksum]]) => [
      name,
      { nanosecondsPerOperation, checksum },
    ]),
  ),
});

it("takes the guest's times by the host's clock", () => {
  const { items, clock } = parseRun(
    read(
      [10, "engine-bench 20 "],
      [500, "bench-begin 1000000000"],
      [900, "item hot-block 1000000 50000000 00000000000000ff"],
      [1500, "bench-end 3500000000"],
    ),
  );
  expect(clock).toBe(2.5);
  expect([...items]).toEqual([["hot-block", { nanosecondsPerOperation: 20, checksum: "00000000000000ff" }]]);
});

it("throws what the program complains about, and what it printed instead of an end", () => {
  expect(() => parseRun(read([1, "bench-begin 1"], [2, "bench-error a."], [3, "bench-error b."]))).toThrow("a.\nb.");
  expect(() => parseRun(read([1, "bench-begin 1"], [2, "Segmentation fault"]))).toThrow(
    "engine-bench printed no bench-end, but:\nbench-begin 1\nSegmentation fault",
  );
});

it("names items whose checksums differ, on any side and in any round", () => {
  const same = new Map([
    ["extension", run({ a: [1, "aa"], b: [1, "bb"] })],
    ["native", run({ a: [1, "aa"], b: [1, "bb"] })],
  ]);
  expect(() => checkSums([same, same])).not.toThrow();
  const other = new Map([...same, ["extension", run({ a: [1, "aa"] })]]);
  expect(() => checkSums([same, other])).toThrow(
    /wrong:\nb: extension bb \(round 1\), native bb \(round 1\), extension nothing \(round 2\), native bb \(round 2\)$/,
  );
});

it("prints medians, ratios and their geometric mean", () => {
  const round = (a: number, b: number) =>
    new Map([
      ["extension", run({ quick: [a, "aa"], slow: [b, "bb"] })],
      ["native", run({ quick: [1, "aa"], slow: [1000, "bb"] })],
    ]);
  expect(report([round(2, 9000), round(90, 8000), round(1, 7000)], "native").split("\n")).toEqual([
    "item            extension ns/op  native ns/op  extension/native",
    "quick                      2.00          1.00              2.00",
    "slow                      8,000         1,000              8.00",
    "geometric mean                                             4.00",
    "",
    "Guest seconds in a second of the host's, by which all times are: extension 1.000, native 1.000.",
  ]);
});

it("has a ratio for each further side", () => {
  const time = (value: number) => run({ item: [value, "aa"] });
  const sides = new Map([
    ["extension", time(3)],
    ["interpreter", time(30)],
    ["native", time(2)],
  ]);
  expect(report([sides], "native").split("\n")[1]).toMatch(/^item +3\.00 +30\.00 +2\.00 +1\.50 +15\.00$/);
  expect(geometricMean([1, 100])).toBeCloseTo(10);
});
