import { expect, it } from "vitest";
import type { Point } from "./point.ts";
import { describe } from "./report.ts";

const point = (instructions: number, pc: string, registers: string[], pages: [string, string][]): Point => ({
  ...{ instructions, pc, registers: registers.join(), memory: JSON.stringify(pages) },
  details: { registers, pages: new Map(pages) },
});

const before = point(10, "fff0", ["RAX=0 RBX=1", "Code=01 02 <e4> 71 c3"], []);

it("names the block, the registers and the pages that differ", () => {
  const a = point(14, "fff4", ["RAX=0026 RBX=1", "ES =0018 0 ffffffff 00c09300 DPL=0 DS [-WA]"], [["pc.ram+0", "a"]]);
  const b = point(14, "fff4", ["RAX=0027 RBX=1", "ES =0018 0 ffffffff 00c09300 DPL=0 DS [-WA]"], [["pc.ram+0", "b"]]);
  expect(describe(["compiled", "native"], before, [a, b])).toEqual([
    "Same after 10 instructions, different after 14.",
    "The block between begins at fff0: e4 71 c3",
    "RAX    compiled: 0026",
    "       native: 0027",
    "Memory differs at pc.ram+0.",
  ]);
});

it("says so when two went different ways", () => {
  const a = point(14, "fff4", [], []);
  const b = point(12, "fff8", [], []);
  expect(describe(["compiled", "native"], before, [a, b])).toEqual([
    "Same after 10 instructions, different after 14 and 12.",
    "The block between begins at fff0: e4 71 c3",
    "PC     compiled: fff4",
    "       native: fff8",
  ]);
});

it("knows less of a first point", () => {
  const a: Point = { instructions: 1, registers: "a", memory: "a", pc: "0" };
  expect(describe(["a", "b"], undefined, [a, { ...a, memory: "b" }])).toEqual([
    "Different at the first point, after 1 instructions.",
    "Memory differs.",
  ]);
});
