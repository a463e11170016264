import { conformanceVm, differences, digests } from "../lib/conformance.ts";
import { expect, test } from "../lib/test.ts";

/** Enough for each block to be interpreted first and compiled then. */
const ROUNDS = 320;

/** Native QEMU's word on it is in test/long. */
test("compiled code computes what the interpreter computes", async ({ engine }) => {
  const run = async (accel?: string) => digests(await conformanceVm(engine, accel), ROUNDS);
  const [usual, interpreted] = await Promise.all([run(), run("jit-threshold=0")]);
  expect(usual.size).toBeGreaterThan(60);
  expect(differences(usual, interpreted)).toEqual([]);
});
