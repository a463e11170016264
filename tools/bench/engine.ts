/**
 * `npm run bench:engine [-- --guest 64|32] [--rounds N] [--only ITEM,...] [--interpreter] [--debian] [--profile]`: what guest
 * code costs in the extension and in TCG of native QEMU of the same version, by turns, on the same guest and machine: medians per
 * item, and their ratios; the last item is the boot: of the quick VM's kernel, or, with 32 bits, of Debian's for the 686 (see
 * `npm run bench:boot` for more of those). Every item must come to the same checksum everywhere, or the command fails. Translation
 * and compilation are in the times, as they are in a guest's life. A guest of 32 bits runs in v86, too. `--interpreter` adds the
 * extension without its compiler, `--debian` Debian's older QEMU. `--profile` runs the items once more in the extension, and says
 * where the time went.
 */
import { parseArgs } from "node:util";
import type { Profile } from "../../src/model/profile.ts";
import { buildExtension } from "../build.ts";
import { type ExtensionBrowser, launch } from "../lib/chromium.ts";
import { EnginePage } from "../lib/engine-page.ts";
import type { Guest } from "../lib/guest.ts";
import { Profiling } from "../profile/report.ts";
import { type BenchRun, checkSums, type Round, report } from "./engine-report.ts";
import { type BenchConsole, runBench } from "./engine-run.ts";
import { engineBenchGuest, engineBenchGuest32, quickProfile, v86Guest } from "./guests.ts";
import { debianQemu, type NativeProgram, NativeQemu, nativeArguments, referenceQemu } from "./native.ts";
import { countOf } from "./statistics.ts";
import { V86Machine, v86Version } from "./v86.ts";

const { values } = parseArgs({
  options: {
    guest: { type: "string", default: "64" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    interpreter: { type: "boolean", default: false },
    debian: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
  },
});
if (!["32", "64"].includes(values.guest)) throw new Error(`--guest is 64 or 32, not ${values.guest}.`);
const roundCount = countOf(values.rounds);
const only = values.only.split(",").filter((name) => name !== "");

/** Each item then takes between 1 and 4 s in native QEMU; the interpreter, 10 to 30 times slower, does a twentieth. */
const REPETITIONS = 60;

/** One of the machines compared. */
interface Side {
  name: string;
  run(): Promise<BenchRun>;
}

const extension = await buildExtension();
const guest =
  values.guest === "32" ? await engineBenchGuest32() : await engineBenchGuest(await quickProfile(extension));
const reference = await referenceQemu();

/** QEMU's of the last VM in the extension: native QEMU takes it over. */
let commandLine: string[] = [];

function bench(console: BenchConsole, started: number, repetitions = REPETITIONS): Promise<BenchRun> {
  return runBench(console, { prompt: guest.prompt, repetitions, only, started });
}

async function inExtension(repetitions: number, changes: Partial<Profile> = {}): Promise<BenchRun> {
  return withVm(changes, (vm, started) => bench(vm, started, repetitions));
}

async function withVm<T>(
  changes: Partial<Profile>,
  use: (vm: Guest, started: number, browser: ExtensionBrowser) => Promise<T>,
) {
  const browser = await launch({ extension });
  try {
    const page = await EnginePage.open(browser);
    const vm = await page.create({ ...guest.profile, ...changes }, guest.files);
    const started = performance.now();
    await vm.start();
    commandLine = vm.info.commandLine ?? [];
    return await use(vm, started, browser);
  } finally {
    await browser.close();
  }
}

async function profile(): Promise<string> {
  return withVm({}, async (vm, started, browser) => {
    const profiling = await Profiling.start(browser, vm);
    await bench(vm, started);
    return profiling.stop();
  });
}

async function inNativeQemu(program: NativeProgram): Promise<BenchRun> {
  const started = performance.now();
  const qemu = new NativeQemu(program, nativeArguments(commandLine, guest.native));
  try {
    return await bench(qemu, started);
  } finally {
    qemu.kill();
  }
}

async function inV86(): Promise<BenchRun> {
  const v86 = await V86Machine.start(v86Guest(guest));
  try {
    return await bench(v86, v86.started);
  } finally {
    await v86.close();
  }
}

const interpreted = { extraArgs: ["-accel", "tcg,thread=single,tb-size=64,jit-threshold=0"] };
const sides: Side[] = [
  { name: "extension", run: () => inExtension(REPETITIONS) },
  ...(values.interpreter ? [{ name: "interpreter", run: () => inExtension(REPETITIONS / 20, interpreted) }] : []),
  ...(values.guest === "32" ? [{ name: "v86", run: inV86 }] : []),
  ...(values.debian ? [{ name: "debian", run: () => inNativeQemu(debianQemu()) }] : []),
  { name: "native", run: () => inNativeQemu(reference) },
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
const others = [
  ...(values.guest === "32" ? [`v86 ${v86Version}`] : []),
  ...(values.debian ? [`Debian's QEMU ${debianQemu().version}`] : []),
];
const compared = ["the extension", `native QEMU ${reference.version}, TCG`, ...others].join("; ");
console.log(`${values.guest}-bit guest: ${compared}. ${roundCount} rounds, interleaved.\n`);
console.log(report(rounds, "native"));
if (values.profile) console.log(`\nBoot and one run of the items, profiled:\n\n${await profile()}`);
