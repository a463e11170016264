/** Counts from the runners' JSON reports. */
import { existsSync, readFileSync } from "node:fs";

export interface Count {
  passed: number;
  failed: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number };
  /** What failed outside of any test. */
  errors: unknown[];
}

/** A file whose tests could not even be read is a failed suite without failed tests. */
export function vitestCount(report: VitestReport): Count {
  const broken = report.numFailedTests === 0 ? report.numFailedTestSuites : 0;
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken };
}

export function playwrightCount({ stats, errors }: PlaywrightReport): Count {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length };
}

/** Reads a report; a runner that failed without a failed test in its report (or without a report) counts as one failure. */
export function readReport<R>(path: string, count: (report: R) => Count, ok: boolean): Count {
  const counted = existsSync(path) ? count(JSON.parse(readFileSync(path, "utf8")) as R) : { passed: 0, failed: 0 };
  return !ok && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}
