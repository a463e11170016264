import { quick } from "../../qemu-wasm/guests/quick.ts";
import { smpInitramfs } from "../../qemu-wasm/guests/smp.ts";
import type { SnapshotId } from "../../src/engine/api.ts";
import type { EnginePage } from "../../tools/lib/engine-page.ts";
import { conformanceVm, differences, digests } from "../lib/conformance.ts";
import { quickVmWith } from "../lib/quick-vm-with.ts";
import { expect, test } from "../lib/test.ts";

/** A thread for all CPUs, and one for each, as is usual. */
const SINGLE = "tcg,thread=single,tb-size=64";
const MULTI = "tcg,thread=multi,tb-size=64";

/** What each of smp-stress's tests found. */
async function stress(engine: EnginePage, smp: number, accel?: string): Promise<Record<string, string>> {
  const extraArgs = accel ? ["-accel", accel] : [];
  const guest = await quickVmWith(engine, await smpInitramfs(), { name: "SMP", smp, extraArgs });
  await guest.find(quick.prompt);
  await guest.type(`smp-stress ${accel === SINGLE ? 100 : 4000}`); // CPUs that wait for each other take turns
  const found = findings(await guest.find(STRESS));
  await guest.act("stop");
  return found;
}

const STRESS = /.*\nsmp-end/s;

function findings(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^smp (\w+) (.*?)\r?$/gm)].map(([, name = "", found = ""]) => [name, found]),
  );
}

const fine = Object.fromEntries(
  ["compute", "atomics", "lock", "order", "pairs", "futex", "code", "pages", "processes"].map((name) => [name, "ok"]),
);

test("several CPUs agree on memory, code and page tables", async ({ engine }) => {
  test.setTimeout(900_000);
  expect(await stress(engine, 4, SINGLE)).toMatchObject({ cpus: "4", ...fine });
  expect(await stress(engine, 2)).toMatchObject({ cpus: "2", ...fine });
  expect(await stress(engine, 4)).toMatchObject({ cpus: "4", ...fine });
  expect(await stress(engine, 2, `${MULTI},jit-threshold=1`)).toMatchObject({ cpus: "2", ...fine });
  expect(await stress(engine, 2, `${MULTI},jit-threshold=0`)).toMatchObject({ cpus: "2", ...fine });
});

test("CPUs that work together are paused, kept in a snapshot, reset and stopped", async ({ engine }) => {
  test.setTimeout(900_000);
  const guest = await quickVmWith(engine, await smpInitramfs(), { name: "SMP", smp: 2 });
  await guest.prompt();
  await guest.type("smp-stress 8000");
  const ids: SnapshotId[] = [];
  for (const part of ["compute", "atomics", "futex", "pages"]) {
    await guest.find(`smp ${part} ok`);
    await guest.act("pause");
    await guest.act("resume");
    ids.push((await guest.snapshot(part)).id); // in the midst of the next one
  }
  await guest.find(STRESS);
  await guest.act("stop");

  for (const id of ids) {
    await guest.restore(id);
    expect(findings(await guest.find(STRESS))).toMatchObject({ cpus: "2", ...fine }); // what it had printed before, too
    await guest.prompt();
    expect(await guest.run("nproc; dmesg | grep 'BUG:\\|lockup\\|detected stall\\|Oops:'")).toBe("2\n");
    await guest.type("smp-stress 8000");
    await guest.find("smp compute ok");
    await guest.act("stop"); // in the midst of it
  }
  await guest.act("start");
  await guest.prompt();
  await guest.type("smp-stress 8000");
  await guest.find("smp compute ok");
  await guest.act("reset");
  await guest.find(quick.ready);
  await guest.prompt();
  await guest.type("smp-stress 1000");
  expect(findings(await guest.find(STRESS))).toMatchObject({ cpus: "2", ...fine });
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
