import { expect, it } from "vitest";
import { countersReport, threadReport } from "./report.ts";

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
