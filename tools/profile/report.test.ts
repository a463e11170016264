import { expect, it } from "vitest";
import { countersReport, slowPathReport, threadReport } from "./report.ts";

it("shares a thread's time while awake among its parts", () => {
  const times = [
    ["asleep", 9],
    ["compiled code", 3],
    ["interpreter", 1],
  ] as const;
  const functions = [
    ["(idle)", 9],
    ["compiled code", 3],
    ["interpret", 0.5],
  ] as const;
  expect(threadReport(times, functions).split("\n")).toEqual([
    "The vCPU's thread: awake 4.0 s, asleep 9.0 s",
    "  75.0 %  compiled code",
    "  25.0 %  interpreter",
    "of which in the functions",
    "  75.0 %  compiled code",
    "  12.5 %  interpret",
  ]);
});

it("adds ratios to the counters", () => {
  const counted = {
    ...{ "compiled modules": 2, "compiled blocks": 128 },
    ...{ "compiled bytes": 50_000, "compiled guest instructions": 1000 },
  };
  const lines = countersReport(counted).split("\n");
  expect(lines).toContain("          50,000  compiled bytes");
  expect(lines.slice(-2)).toEqual([
    "            50.0  compiled bytes of a guest instruction",
    "            64.0  compiled blocks of a module",
  ]);
});

it("says how often the TLB was not enough, and what was", () => {
  const before = { "memory accesses, slow path": 1000, "TLB fills": 500, "device accesses": 7 };
  const after = {
    ...{ "memory accesses, slow path": 5000, "TLB fills": 3500, "TLB entries brought back": 200 },
    ...{ "device accesses": 207, "writes of tracked pages": 600 },
  };
  expect(slowPathReport(before, after, 2).split("\n")).toEqual([
    "           2,000  memory accesses by the slow path in a second awake; with them",
    "           1,500  page walks, those for code included",
    "             100  of the entries that others pushed out last",
    "             100  devices",
    "             300  writes of clean pages or of code",
  ]);
});
