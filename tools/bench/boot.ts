/**
 * `npm run bench:boot [-- --rounds N] [--only quick|stock]`: seconds from start to the shell's prompt, in the extension (a new
 * Chromium each time: nothing is compiled or cached yet) and in native QEMU's TCG, by turns, on the same guest and machine.
 */
import { parseArgs } from "node:util";
import { buildExtension } from "../build.ts";
import { launch } from "../lib/chromium.ts";
import { EnginePage } from "../lib/engine-page.ts";
import { packageSizes } from "../package.ts";
import { type BenchGuest, quickGuest, quickProfile, stockGuest } from "./guests.ts";
import { nativeArguments, nativeBoot, nativeQemuVersion } from "./native.ts";
import { median } from "./statistics.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, only: { type: "string", default: "" } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error(`--rounds is a whole number above zero, not ${values.rounds}.`);

interface Boot {
  seconds: number;
  commandLine: string[];
}

async function extensionBoot(extension: string, guest: BenchGuest): Promise<Boot> {
  const browser = await launch({ extension });
  try {
    const page = await EnginePage.open(browser);
    const vm = await page.create(guest.profile, guest.files);
    const started = performance.now();
    await vm.start();
    await vm.find(guest.prompt);
    const seconds = (performance.now() - started) / 1000;
    return { seconds, commandLine: vm.info.commandLine ?? [] };
  } finally {
    await browser.close();
  }
}

const extension = await buildExtension();
const sizes = await packageSizes();
const quick = await quickProfile(extension);
const guests: BenchGuest[] = [];
if (values.only !== "stock") guests.push(await quickGuest(quick));
if (values.only !== "quick") guests.push(await stockGuest());

const native = nativeQemuVersion();
const seconds = (value: number) => value.toFixed(2).padStart(8);
console.log(`Seconds to the shell; native: Debian's QEMU ${native}, TCG; ${rounds} rounds, interleaved.\n`);
console.log("guest                 round  extension   native");
const medians: string[] = [];
for (const guest of guests) {
  const times: { extension: number; native: number }[] = [];
  for (let round = 1; round <= rounds; round++) {
    const { seconds: here, commandLine } = await extensionBoot(extension, guest);
    const time = {
      extension: here,
      native: await nativeBoot(nativeArguments(commandLine, guest.native), guest.prompt),
    };
    times.push(time);
    console.log(
      `${guest.name.padEnd(22)}${String(round).padEnd(7)} ${seconds(time.extension)} ${seconds(time.native)}`,
    );
  }
  const here = median(times.map((time) => time.extension));
  const there = median(times.map((time) => time.native));
  medians.push(
    `${guest.name.padEnd(22)}median  ${seconds(here)} ${seconds(there)}   ratio ${(here / there).toFixed(1)}`,
  );
}
console.log(`\n${medians.join("\n")}`);
const bytes = (value: number) => value.toLocaleString("en");
console.log(`\nBytes: .wasm ${bytes(sizes.wasm)}, .js ${bytes(sizes.js)}, packaged zip ${bytes(sizes.zip)}`);
