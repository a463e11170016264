/** `--profile` of the runner and of bench:engine: where a VM's time goes, and what its engine counted. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildEngine } from "../../qemu-wasm/build/engine.ts";
import type { ExtensionBrowser } from "../lib/chromium.ts";
import type { Guest } from "../lib/guest.ts";
import { parseSymbols, type Symbols, timeByFunction, timeByPart } from "./cpu-profile.ts";
import { CpuProfiler } from "./cpu-profiler.ts";

export class Profiling {
  private constructor(
    readonly guest: Guest,
    readonly profiler: CpuProfiler,
    readonly symbols: Symbols,
  ) {}

  /** The VM has started. */
  static async start(browser: ExtensionBrowser, guest: Guest): Promise<Profiling> {
    const symbols = join(await buildEngine(), "tests", "qemu-system-x86_64.symbols");
    return new Profiling(guest, await CpuProfiler.start(browser.cdp), parseSymbols(readFileSync(symbols, "utf8")));
  }

  /** The report; the counters are missing when the VM has ended. */
  async stop(): Promise<string> {
    const counted = await this.guest.statistics().catch(() => undefined);
    const threads = (await this.profiler.stop()).map((profile) =>
      threadReport(timeByPart(profile, this.symbols), timeByFunction(profile, this.symbols)),
    );
    return [...threads, counted ? countersReport(counted) : "The VM has ended: no counters."].join("\n\n");
  }
}

type Times = readonly (readonly [string, number])[];

/** So many functions are named. */
const FUNCTIONS = 12;

/** Parts, then functions by the time that they took themselves: percentages of the time that the thread was awake. */
export function threadReport(times: Times, functions: Times): string {
  const awake = times.filter(([part]) => part !== "asleep");
  const total = awake.reduce((sum, [, seconds]) => sum + seconds, 0);
  const asleep = times.find(([part]) => part === "asleep")?.[1] ?? 0;
  const line = ([name, seconds]: Times[number]) => `${((100 * seconds) / total).toFixed(1).padStart(6)} %  ${name}`;
  const vcpu = awake.some(([part]) => part === "compiled code" || part === "interpreter");
  return [
    `${vcpu ? "The vCPU's thread" : "A thread of QEMU's"}: awake ${total.toFixed(1)} s, asleep ${asleep.toFixed(1)} s`,
    ...awake.map(line),
    "of which in the functions",
    ...functions
      .filter(([name]) => !name.startsWith("("))
      .slice(0, FUNCTIONS)
      .map(line),
  ].join("\n");
}

/** The counters, and the ratios that are worth more than they. */
export function countersReport(counted: Readonly<Record<string, number>>): string {
  const ratio = (a: string, b: string) => ((counted[a] ?? Number.NaN) / (counted[b] ?? Number.NaN)).toFixed(1);
  const lines: [string, string][] = [
    ...Object.entries(counted).map(([name, value]): [string, string] => [name, value.toLocaleString("en")]),
    ["compiled bytes of a guest instruction", ratio("compiled bytes", "compiled guest instructions")],
    ["compiled blocks of a module", ratio("compiled blocks", "compiled modules")],
  ];
  return lines.map(([name, value]) => `${value.padStart(16)}  ${name}`).join("\n");
}
