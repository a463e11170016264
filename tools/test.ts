/**
 * `npm test [-- e2e|long [FILTER ...]]`: everything that shows whether this works, and one last line `N passed, N failed`.
 * Counted are the tests of Vitest's and Playwright's reports; a check, a build or a runner that fails by itself counts as one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../qemu-wasm/build/cache.ts";
import { buildExtension } from "./build.ts";
import { type Count, playwrightCount, readReport, vitestCount } from "./test/counts.ts";

const reports = mkdtempSync(join(tmpdir(), "qemuweb-reports-"));
process.on("exit", () => rmSync(reports, { recursive: true, force: true }));

function run(title: string, program: string, args: string[], variables: Record<string, string> = {}): boolean {
  console.log(`\n== ${title}`);
  const command = join(repository, "node_modules", ".bin", program);
  const environment = { ...process.env, ...variables };
  return (
    spawnSync(command, args, { cwd: repository, stdio: ["ignore", "inherit", "inherit"], env: environment }).status ===
    0
  );
}

function check(title: string, program: string, args: string[]): Count {
  return run(title, program, args) ? { passed: 0, failed: 0 } : { passed: 0, failed: 1 };
}

async function build(): Promise<Count> {
  console.log("\n== Extension");
  try {
    console.log(await buildExtension());
    return { passed: 0, failed: 0 };
  } catch (error) {
    console.error((error as Error).message);
    return { passed: 0, failed: 1 };
  }
}

function unitTests(): Count {
  const report = join(reports, "vitest.json");
  const ok = run("Unit tests and invariants", "vitest", [
    ...["run", "--reporter=default", "--reporter=json"],
    `--outputFile.json=${report}`,
  ]);
  return readReport(report, vitestCount, ok);
}

function browserTests(title: string, filters: string[], variables: Record<string, string> = {}): Count {
  const report = join(reports, "playwright.json");
  const output = { PLAYWRIGHT_JSON_OUTPUT_NAME: report, ...variables };
  const ok = run(title, "playwright", ["test", "--reporter=list,json", ...filters], output);
  return readReport(report, playwrightCount, ok);
}

const [only, ...filters] = process.argv.slice(2);
const counts: Count[] = [];
if (only === "e2e") counts.push(browserTests("End-to-end tests", filters));
else if (only === "long") counts.push(browserTests("Long tests", filters, { QEMUWEB_LONG: "1" }));
else {
  const built = await build();
  counts.push(
    built,
    check("Formatting and lint", "biome", ["check", "."]),
    check("Types", "tsc", ["--noEmit"]),
    unitTests(),
    built.failed === 0 ? browserTests("End-to-end tests", []) : { passed: 0, failed: 1 },
  );
}
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
