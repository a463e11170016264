import { conformanceVm, type Digests, differences, digests, nativeDigests, wrongInNativeQemu } from "../lib/conformance.ts";
import { expect, test } from "../lib/test.ts";

const ROUNDS = 2000;

test("the interpreter, compiled code and native QEMU compute the same", async ({ engine }) => {
  test.setTimeout(900_000);
  const results: Digests[] = [];
  // Everything interpreted; compiled when it is hot, as usual; everything compiled.
  for (const accel of ["jit-threshold=0", undefined, "jit-threshold=1"]) {
    const vm = await conformanceVm(engine, accel);
    results.push(await digests(vm, ROUNDS));
    if (accel === undefined) results.push(await nativeDigests(vm, ROUNDS));
    await vm.act("destroy");
  }
  const [interpreted, usual, native, compiled] = results as [Digests, Digests, Digests, Digests];
  expect({
    usual: differences(interpreted, usual),
    compiled: differences(interpreted, compiled),
    native: differences(interpreted, native).filter((group) => !wrongInNativeQemu.includes(group)),
  }).toEqual({ usual: [], compiled: [], native: [] });
});
