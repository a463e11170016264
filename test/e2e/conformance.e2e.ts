import { conformanceVm, differences, digests } from "../lib/conformance.ts";
import { expect, test } from "../lib/test.ts";

/** Enough for each block to be interpreted first, and compiled then, after a quarter of the usual runs. */
const ROUNDS = 80;
const COMPILED = "jit-threshold=8";

/** Native QEMU's word on it is in test/long. */
test("compiled code computes what the interpreter computes", async ({ engine }) => {
  const run = async (accel: string) => digests(await conformanceVm(engine, accel), ROUNDS);
  const [compiled, interpreted] = await Promise.all([run(COMPILED), run("jit-threshold=0")]);
  expect(compiled.size).toBeGreaterThan(60);
  expect(differences(compiled, interpreted)).toEqual([]);
});
