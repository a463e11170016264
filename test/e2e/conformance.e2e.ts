import { conformanceVm, differences, digests, nativeDigests, wrongInNativeQemu } from "../lib/conformance.ts";
import { expect, test } from "../lib/test.ts";

/** Enough for each block to be interpreted first and compiled then. */
const ROUNDS = 320;

test("instructions compute what they compute in native QEMU", async ({ engine }) => {
  const vm = await conformanceVm(engine);
  const here = await digests(vm, ROUNDS);
  const native = await nativeDigests(vm, ROUNDS);
  expect(here.size).toBeGreaterThan(60);
  expect(differences(here, native).filter((group) => !wrongInNativeQemu.includes(group))).toEqual([]);
});
