import { type Accel, nativeTcgResults, systemTest, tcgResults, tcgVm } from "../lib/tcg-tests.ts";
import { expect, test } from "../lib/test.ts";

const tiers: [string, Accel][] = [
  ["compiled", undefined],
  ["compiled at once", "jit-threshold=1"],
  ["interpreted", "jit-threshold=0"],
];

const programs = { hello: /^Hello World\n$/, interrupt: /^$/, memory: /^Test data start.*Test complete: PASSED\n$/s };

for (const target of ["x86_64", "i386"] as const) {
  test(`QEMU's tests of TCG for ${target}: programs without a kernel`, async ({ engine }) => {
    test.setTimeout(600_000);
    for (const [tier, accel] of tiers) {
      for (const [name, output] of Object.entries(programs)) {
        const result = await systemTest(engine, target, name, accel);
        expect(result, `${name}, ${tier}`).toMatchObject({ state: "off", reason: "powered-off" });
        await expect.poll(result.output, { message: `${name}, ${tier}` }).toMatch(output);
      }
    }
  });

  test(`QEMU's tests of TCG for ${target}: Linux programs`, async ({ engine }) => {
    test.setTimeout(3_600_000);
    let native: [string, string][] | undefined;
    for (const [tier, accel] of tiers) {
      const vm = await tcgVm(engine, target, accel);
      const here = await tcgResults(vm);
      await vm.act("stop");
      native ??= [...(await nativeTcgResults(vm, target))];
      expect(native.length).toBeGreaterThan(40);
      expect(
        native.filter(([, result]) => !result.startsWith("0 ")),
        "native QEMU",
      ).toEqual([]);
      expect([...here], tier).toEqual(native);
    }
  });
}
