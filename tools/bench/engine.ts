/**
 * `npm run bench:engine [-- --rounds N] [--only ITEM,...] [--interpreter]`: what guest code costs in the extension and in native
 * QEMU's TCG, by turns, on the same guest and machine: medians per item, and their ratios. Every item must come to the same
 * checksum everywhere, or the command fails. Translation and compilation are in the times, as they are in a guest's life; boots
 * are not: see `npm run bench:boot`. `--interpreter` adds the extension without its compiler.
 */
import { parseArgs } from "node:util";
import type { Profile } from "../../src/model/profile.ts";
import { buildExtension } from "../build.ts";
import { launch } from "../lib/chromium.ts";
import { EnginePage } from "../lib/engine-page.ts";
import { type BenchRun, checkSums, type Round, report } from "./engine-report.ts";
import { runBench } from "./engine-run.ts";
import { engineBenchGuest, quickProfile } from "./guests.ts";
import { NativeQemu, nativeArguments, nativeQemuVersion } from "./native.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    interpreter: { type: "boolean", default: false },
  },
});
const roundCount = Number(values.rounds);
if (!Number.isInteger(roundCount) || roundCount < 1)
  throw new Error(`--rounds is a whole number above zero, not ${values.rounds}.`);
const only = values.only.split(",").filter((name) => name !== "");

/** Each item then takes between 0.3 and 1 s in native QEMU; the interpreter, 10 to 30 times slower, does a twentieth. */
const REPETITIONS = 20;

/** One of the machines compared. A further one (v86, say) needs a name, and a console for `runBench`. */
interface Side {
  name: string;
  run(): Promise<BenchRun>;
}

const extension = await buildExtension();
const guest = await engineBenchGuest(await quickProfile(extension));

/** QEMU's of the last VM in the extension: native QEMU takes it over. */
let commandLine: string[] = [];

async function inExtension(repetitions: number, changes: Partial<Profile> = {}): Promise<BenchRun> {
  const browser = await launch({ extension });
  try {
    const page = await EnginePage.open(browser);
    const vm = await page.create({ ...guest.profile, ...changes }, guest.files);
    await vm.start();
    commandLine = vm.info.commandLine ?? [];
    return await runBench(vm, repetitions, only);
  } finally {
    await browser.close();
  }
}

async function inNativeQemu(): Promise<BenchRun> {
  const qemu = new NativeQemu(nativeArguments(commandLine, guest.native));
  try {
    return await runBench(qemu, REPETITIONS, only);
  } finally {
    qemu.kill();
  }
}

const interpreted = { extraArgs: ["-accel", "tcg,thread=single,tb-size=64,jit-threshold=0"] };
const sides: Side[] = [
  { name: "extension", run: () => inExtension(REPETITIONS) },
  ...(values.interpreter ? [{ name: "interpreter", run: () => inExtension(REPETITIONS / 20, interpreted) }] : []),
  { name: "native", run: inNativeQemu },
];

const rounds: Round[] = [];
for (let n = 1; n <= roundCount; n++) {
  const round = new Map<string, BenchRun>();
  rounds.push(round);
  for (const side of sides) {
    process.stderr.write(`[round ${n} of ${roundCount}] ${side.name} ...\n`);
    try {
      round.set(side.name, await side.run());
    } catch (cause) {
      throw new Error(`${side.name}, round ${n}: ${(cause as Error).message}`, { cause });
    }
  }
  checkSums(rounds);
}
console.log(`Native: Debian's QEMU ${nativeQemuVersion()}, TCG; ${roundCount} rounds, interleaved.\n`);
console.log(report(rounds, "native"));
