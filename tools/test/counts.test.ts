import { expect, it } from "vitest";
import { playwrightCount, readReport, vitestCount } from "./counts.ts";

it("counts Vitest's tests, and a file that could not be read", () => {
  expect(vitestCount({ numPassedTests: 5, numFailedTests: 2, numFailedTestSuites: 1 })).toEqual({
    passed: 5,
    failed: 2,
  });
  expect(vitestCount({ numPassedTests: 5, numFailedTests: 0, numFailedTestSuites: 1 })).toEqual({
    passed: 5,
    failed: 1,
  });
});

it("counts Playwright's tests; a flaky one has failed", () => {
  const report = { stats: { expected: 3, unexpected: 1, flaky: 1 }, errors: ["setup"] };
  expect(playwrightCount(report)).toEqual({ passed: 3, failed: 3 });
});

it("counts a runner that left no report, or failed with none of its tests, as one failure", () => {
  expect(readReport("/nonexistent", vitestCount, false)).toEqual({ passed: 0, failed: 1 });
  expect(readReport("/nonexistent", vitestCount, true)).toEqual({ passed: 0, failed: 0 });
});
