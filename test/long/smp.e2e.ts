import { quick } from "../../qemu-wasm/guests/quick.ts";
import { smpInitramfs } from "../../qemu-wasm/guests/smp.ts";
import type { EnginePage } from "../../tools/lib/engine-page.ts";
import { conformanceVm, differences, digests } from "../lib/conformance.ts";
import { quickVmWith } from "../lib/quick-vm-with.ts";
import { expect, test } from "../lib/test.ts";

/** A thread for each CPU. */
const MULTI = "tcg,thread=multi,tb-size=64";

/** What each of smp-stress's tests found; without `accel`, all CPUs share a thread. */
async function stress(engine: EnginePage, smp: number, accel?: string): Promise<Record<string, string>> {
  const extraArgs = accel ? ["-accel", accel] : [];
  const guest = await quickVmWith(engine, await smpInitramfs(), { name: "SMP", smp, extraArgs });
  await guest.find(quick.prompt);
  await guest.type(`smp-stress ${accel ? 4000 : 100}`); // CPUs that wait for each other take turns
  const text = await guest.find(/.*\nsmp-end/s);
  await guest.act("stop");
  return Object.fromEntries(
    [...text.matchAll(/^smp (\w+) (.*?)\r?$/gm)].map(([, name = "", found = ""]) => [name, found]),
  );
}

const fine = Object.fromEntries(
  ["compute", "atomics", "lock", "order", "futex", "code", "pages", "processes"].map((name) => [name, "ok"]),
);

test("several CPUs agree on memory, code and page tables", async ({ engine }) => {
  test.setTimeout(900_000);
  expect(await stress(engine, 4)).toMatchObject({ cpus: "4", ...fine });
  expect(await stress(engine, 2, MULTI)).toMatchObject({ cpus: "2", ...fine });
  expect(await stress(engine, 4, MULTI)).toMatchObject({ cpus: "4", ...fine });
  expect(await stress(engine, 2, `${MULTI},jit-threshold=1`)).toMatchObject({ cpus: "2", ...fine });
  expect(await stress(engine, 2, `${MULTI},jit-threshold=0`)).toMatchObject({ cpus: "2", ...fine });
});

test("a CPU of two computes what a single one computes", async ({ engine }) => {
  test.setTimeout(900_000);
  const run = async (smp: number) => {
    const vm = await conformanceVm(engine, undefined, smp);
    const result = await digests(vm, 320);
    await vm.act("stop");
    return result;
  };
  expect(differences(await run(2), await run(1))).toEqual([]);
});
