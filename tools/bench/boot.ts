/**
 * `npm run bench:boot [-- --rounds N] [--only quick|amd64|686]`: seconds from start to the shell's prompt, in the extension (a
 * new Chromium each time: nothing is compiled or cached yet), in TCG of native QEMU of the same version, and of the guest of 32
 * bits in v86, by turns, on the same guest and machine: the quick VM, and Debian's own kernels for amd64 and 686.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildExtension } from "../build.ts";
import { launch } from "../lib/chromium.ts";
import { EnginePage } from "../lib/engine-page.ts";
import type { Guest } from "../lib/guest.ts";
import { packageSizes } from "../package.ts";
import { type BenchGuest, quickGuest, quickProfile, stockGuest, v86Guest } from "./guests.ts";
import { nativeArguments, nativeBoot, referenceQemu } from "./native.ts";
import { countOf, median } from "./statistics.ts";
import { V86Machine, v86Version } from "./v86.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, only: { type: "string", default: "" } },
});
const rounds = countOf(values.rounds);

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
    await vm.start({ boot: true });
    await vm.find(guest.prompt);
    const seconds = (performance.now() - started) / 1000;
    return { seconds, commandLine: vm.info.commandLine ?? [] };
  } finally {
    await browser.close();
  }
}

/**
 * Seconds from the click on "Quick VM" to a command's answer: the guest goes on from the state that ships with it. The first time in
 * a profile of Chromium's, and once that has kept machine code of the engine, as it does while a VM runs.
 */
async function quickAnswers(extension: string): Promise<{ first: number; again: number }> {
  const profile = mkdtempSync(join(tmpdir(), "qemuweb-bench-"));
  try {
    const first = await quickAnswer(extension, profile, async (vm) => {
      while (!keepsCode(profile)) await vm.run("i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done");
    });
    return { first, again: await quickAnswer(extension, profile) };
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

async function quickAnswer(extension: string, profile: string, then?: (vm: Guest) => Promise<void>): Promise<number> {
  const browser = await launch({ extension, profile });
  try {
    const page = await EnginePage.open(browser);
    // A user takes longer to find the button than the page does to get ready.
    await page.page.waitForLoadState("networkidle");
    const started = performance.now();
    const vm = await page.startQuick();
    await vm.prompt();
    await vm.type("echo answer-$((6*7))");
    await vm.find("answer-42");
    const seconds = (performance.now() - started) / 1000;
    await then?.(vm);
    return seconds;
  } finally {
    await browser.close();
  }
}

function keepsCode(profile: string): boolean {
  const folder = join(profile, "Default/Code Cache/wasm");
  return existsSync(folder) && readdirSync(folder).some((name) => statSync(join(folder, name)).size > 1 << 20);
}

async function v86Boot(guest: BenchGuest): Promise<number> {
  const v86 = await V86Machine.start(v86Guest(guest));
  try {
    await v86.find(guest.prompt);
    return (performance.now() - v86.started) / 1000;
  } finally {
    await v86.close();
  }
}

const extension = await buildExtension();
const sizes = await packageSizes();
const makers: Record<string, () => Promise<BenchGuest>> = {
  quick: async () => quickGuest(await quickProfile(extension)),
  amd64: () => stockGuest("amd64"),
  "686": () => stockGuest("686"),
};
const names = values.only === "" ? Object.keys(makers) : [values.only];
const reference = await referenceQemu();

const row = (guest: string, round: string, times: (number | string)[]) =>
  [guest.padEnd(22), round.padEnd(7), ...times.map((time) => cell(time).padStart(10))].join("").trimEnd();
const cell = (time: number | string) => (typeof time === "string" ? time : Number.isNaN(time) ? "" : time.toFixed(2));
console.log(
  `Seconds to the shell; native QEMU ${reference.version}, TCG; v86 ${v86Version}; ${rounds} rounds, interleaved.\n`,
);
console.log(row("guest", "round", ["extension", "native", "v86"]));
const medians: string[] = [];
for (const name of names) {
  const guest = await makers[name]?.();
  if (guest === undefined) throw new Error(`--only is one of ${Object.keys(makers).join(", ")}, not ${name}.`);
  const times: { extension: number; native: number; v86: number }[] = [];
  for (let round = 1; round <= rounds; round++) {
    const { seconds: here, commandLine } = await extensionBoot(extension, guest);
    const time = {
      extension: here,
      native: await nativeBoot(reference, nativeArguments(commandLine, guest.native), guest.prompt),
      v86: name === "686" ? await v86Boot(guest) : Number.NaN,
    };
    times.push(time);
    console.log(row(guest.name, String(round), Object.values(time)));
  }
  const middle = (side: "extension" | "native" | "v86") => median(times.map((time) => time[side]));
  const ratio = (side: "extension" | "v86") => (middle(side) / middle("native")).toFixed(1);
  const ratios = name === "686" ? `ratios ${ratio("extension")}, v86 ${ratio("v86")}` : `ratio ${ratio("extension")}`;
  medians.push(`${row(guest.name, "median", [middle("extension"), middle("native"), middle("v86")])}   ${ratios}`);
}
console.log(`\n${medians.join("\n")}`);
if (names.includes("quick")) {
  const answers: { first: number; again: number }[] = [];
  for (let round = 0; round < rounds; round++) answers.push(await quickAnswers(extension));
  console.log("\nQuick VM from its saved state, seconds from the click to an answered command");
  for (const [name, of] of [
    ["first in a profile of Chromium's", (answer) => answer.first],
    ["from then on", (answer) => answer.again],
  ] satisfies [string, (answer: { first: number; again: number }) => number][]) {
    const all = answers.map(of);
    console.log(`${name}: median ${median(all).toFixed(2)} (${all.map((seconds) => seconds.toFixed(2)).join(", ")})`);
  }
}
const bytes = (value: number) => value.toLocaleString("en");
console.log(`\nBytes: .wasm ${bytes(sizes.wasm)}, .js ${bytes(sizes.js)}, packaged zip ${bytes(sizes.zip)}`);
