import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { buildEngine } from "../../qemu-wasm/build/engine.ts";
import { runProgram } from "../lib/wasm-program.ts";

test("QEMU's own test-coroutine passes on JSPI", async () => {
  const engine = await buildEngine();
  const { ended, output } = await runProgram(join(engine, "tests"), "test-coroutine.js", ["--tap"]);
  const results = output.filter((line) => /^(not )?ok /.test(line));
  expect(results.length, output.join("\n")).toBeGreaterThanOrEqual(12);
  expect(results.filter((line) => !line.startsWith("ok "))).toEqual([]);
  expect(ended).toBe(0);
});
