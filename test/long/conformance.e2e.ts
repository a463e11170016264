import { conformanceVm, differences, digests, nativeDigests } from "../lib/conformance.ts";
import { expect, test } from "../lib/test.ts";

const ROUNDS = 2000;

test("the interpreter, compiled code and native QEMU compute the same", async ({ engine }) => {
  test.setTimeout(900_000);
  const run = async (accel?: string) => {
    const vm = await conformanceVm(engine, accel);
    const result = await digests(vm, ROUNDS);
    await vm.act("stop");
    return { vm, result };
  };
  const { vm, result: usual } = await run();
  const { result: interpreted } = await run("jit-threshold=0");
  const { result: compiled } = await run("jit-threshold=1");
  const native = await nativeDigests(vm, ROUNDS);
  expect({
    usual: differences(usual, interpreted),
    compiled: differences(compiled, interpreted),
    native: differences(native, interpreted),
  }).toEqual({ usual: [], compiled: [], native: [] });
});
