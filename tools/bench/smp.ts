/**
 * `npm run bench:smp [-- --rounds N]`: what a second CPU brings: each CPU of a guest does the same work (`smp-stress` of
 * qemu-wasm/guests/smp: it computes; it makes processes), in the extension and in native QEMU of the same version, by turns, with one
 * CPU and with two. Twice as fast is the most. Times are medians by the host's clock.
 */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { smpInitramfs } from "../../qemu-wasm/guests/smp.ts";
import { buildExtension } from "../build.ts";
import { launch } from "../lib/chromium.ts";
import { EnginePage } from "../lib/engine-page.ts";
import type { BenchConsole } from "./engine-run.ts";
import { quickGuest, quickProfile } from "./guests.ts";
import { NativeQemu, nativeArguments, referenceQemu } from "./native.ts";
import { countOf, median } from "./statistics.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
const roundCount = countOf(values.rounds);

/** Tests of smp-stress, with rounds that take a CPU of the extension some 2 s. */
const ITEMS = { compute: 500_000, processes: 500_000 };
type Item = keyof typeof ITEMS;
const items = Object.keys(ITEMS) as Item[];

const extension = await buildExtension();
const reference = await referenceQemu();
const initramfs = await smpInitramfs();
const { profile, native, prompt } = await quickGuest(await quickProfile(extension));
if (!profile.boot) throw new Error("The quick VM's profile has no kernel of its own.");
const boot = { ...profile.boot, initrd: { from: "user", name: basename(initramfs) } as const };

/** Seconds for the work of each item when every CPU has it to do. */
async function seconds(guest: BenchConsole): Promise<Record<Item, number>> {
  const times = { compute: Number.NaN, processes: Number.NaN };
  await guest.find(prompt);
  for (const item of items) {
    await guest.type(`smp-stress ${ITEMS[item]} ${item}`);
    await guest.find(`smp ${item} ok`);
    await guest.find(/smp work 1 \d+\r?\n/);
    const started = performance.now();
    await guest.find(/smp work \d+ \d+\r?\n/);
    times[item] = (performance.now() - started) / 1000;
    await guest.find("smp-end");
  }
  return times;
}

/** QEMU's of the last VM in the extension: native QEMU takes it over. */
let commandLine: string[] = [];

async function inExtension(smp: number) {
  const browser = await launch({ extension });
  try {
    const page = await EnginePage.open(browser);
    const vm = await page.create({ ...profile, boot, smp }, { [basename(initramfs)]: initramfs });
    await vm.start();
    commandLine = vm.info.commandLine ?? [];
    return await seconds(vm);
  } finally {
    await browser.close();
  }
}

async function inNativeQemu() {
  const qemu = new NativeQemu(reference, nativeArguments(commandLine, { ...native, initrd: initramfs }));
  try {
    return await seconds(qemu);
  } finally {
    qemu.kill();
  }
}

const rounds = [1, 2].map((cpus) => ({
  cpus,
  extension: [] as Record<Item, number>[],
  native: [] as Record<Item, number>[],
}));
for (let n = 1; n <= roundCount; n++) {
  for (const { cpus, ...sides } of rounds) {
    process.stderr.write(`[round ${n} of ${roundCount}] CPUs: ${cpus} ...\n`);
    sides.extension.push(await inExtension(cpus));
    sides.native.push(await inNativeQemu());
  }
}
for (const item of items) {
  for (const side of ["extension", "native"] as const) {
    const [one = Number.NaN, two = Number.NaN] = rounds.map((round) => median(round[side].map((times) => times[item])));
    const times = `one CPU ${one.toFixed(2)} s, two CPUs twice the work in ${two.toFixed(2)} s`;
    console.log(`${item.padEnd(9)}  ${side.padEnd(9)}  ${times}: ${((2 * one) / two).toFixed(2)} times as fast`);
  }
}
