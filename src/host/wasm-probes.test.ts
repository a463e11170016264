import { expect, test } from "vitest";
import { hasExceptions, hasSimd, hasThreads, largestSharedMemory } from "./wasm-probes.ts";

// Node 20 has all of these: a probe that is not well-formed would say no.
test("the probes are well-formed modules", () => {
  expect([hasThreads(), hasSimd(), hasExceptions()]).toEqual([true, true, true]);
  expect(largestSharedMemory()).toBeGreaterThan(0);
});
