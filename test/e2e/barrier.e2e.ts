import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { buildEngine } from "../../qemu-wasm/build/engine.ts";
import { runProgram } from "../lib/wasm-program.ts";

/** Without fences, two vCPUs' threads stood still after seconds: QEMU's locks, queues and rings rely on them. */
test("a memory barrier of the engine's keeps a store before a load", async () => {
  const { ended, output } = await runProgram(join(await buildEngine(), "tests"), "test-barrier.js", []);
  expect(output).toEqual(["0 stores missed by both"]);
  expect(ended).toBe(0);
});
