/**
 * `npm run lockstep [-- --guest boot|mix] [--tier compiled|interpreted|native] [--interval N] [--rounds N] [--differ]`: runs a
 * guest in the extension (or in a second native QEMU) and in native QEMU of the same version, instruction by instruction the
 * same, and compares registers and memory every N instructions. At a difference it looks closer, and names the first block that
 * differs. `--differ` sets the guests' clocks to different dates, to see that work.
 */
import { parseArgs } from "node:util";
import { referenceQemu } from "./bench/native.ts";
import { buildExtension } from "./build.ts";
import { launch } from "./lib/chromium.ts";
import { EnginePage } from "./lib/engine-page.ts";
import { accelerators, extensionSide } from "./lockstep/extension-side.ts";
import { bootGuest, mixGuest } from "./lockstep/guests.ts";
import { engineBuild, type NativeOptions, nativeSide } from "./lockstep/native-side.ts";
import { lockstep, search } from "./lockstep/run.ts";
import type { Side } from "./lockstep/side.ts";

const { values } = parseArgs({
  options: {
    guest: { type: "string", default: "boot" },
    tier: { type: "string", default: "compiled" },
    interval: { type: "string", default: "2000000" },
    rounds: { type: "string", default: "40" },
    differ: { type: "boolean", default: false },
  },
});
const interval = wholeNumber("interval", values.interval);
const guest = await pick("guest", values.guest, {
  boot: bootGuest,
  mix: () => mixGuest(wholeNumber("rounds", values.rounds)),
});

const build = await engineBuild();
const reference = await referenceQemu();
const other: NativeOptions = { build, ...(values.differ && { clock: "2027-02-03T04:05:06" }) };

const same = await pick("tier", values.tier, {
  compiled: () => inExtension(accelerators.compiled),
  interpreted: () => inExtension(accelerators.interpreted),
  native: () => compareWith(nativeSide(reference, { build })),
});
process.exitCode = same ? 0 : 1;

async function inExtension(accel: string): Promise<boolean> {
  const browser = await launch({ extension: await buildExtension() });
  try {
    return await compareWith(extensionSide(await EnginePage.open(browser), values.tier, accel));
  } finally {
    await browser.close();
  }
}

async function compareWith(side: Side): Promise<boolean> {
  const sides: [Side, Side] = [side, nativeSide(reference, other)];
  const whole = { from: interval, interval, until: guest.until, blocks: false };
  const started = performance.now();
  const result = await lockstep(guest, sides, whole);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { equal, last } = result;
  console.log(`${equal} points the same, the last after ${last?.instructions ?? 0} instructions; ${seconds} s.`);
  if (!result.difference) {
    const silent = sides.filter((_, n) => !result.consoles[n]?.includes(guest.end));
    for (const { name } of silent)
      console.log(`The guest's end, ${JSON.stringify(guest.end)}, is not on ${name}'s console.`);
    return silent.length === 0;
  }
  const lines = await search(guest, sides, whole, result, (line) => console.log(line));
  console.log(`\n${lines.join("\n")}`);
  return false;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} is a whole number above zero, not ${text}.`);
  return value;
}

function pick<T>(name: string, word: string, choices: Record<string, () => T>): T {
  const chosen = choices[word];
  if (!chosen) throw new Error(`--${name} is one of ${Object.keys(choices).join(", ")}, not ${word}.`);
  return chosen();
}
