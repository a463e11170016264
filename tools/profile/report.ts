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
    readonly before: Counters,
  ) {}

  /** The VM has started. */
  static async start(browser: ExtensionBrowser, guest: Guest): Promise<Profiling> {
    const symbols = join(await buildEngine(), "tests", "qemu-system-x86_64.symbols");
    // The counters come by the monitor, which is there when the VM runs; if it is over before, they say so.
    const ready = guest.state(["running", "paused", "off", "crashed", "failed"]);
    const profiler = await CpuProfiler.start(browser.cdp, ready);
    return new Profiling(guest, profiler, parseSymbols(readFileSync(symbols, "utf8")), await guest.statistics());
  }

  /** The report; the counters are missing when the VM has ended. */
  async stop(): Promise<string> {
    const counted = await this.guest.statistics().catch(() => undefined);
    const profiles = await this.profiler.stop();
    const times = profiles.map((profile) => timeByPart(profile, this.symbols));
    const threads = profiles.map((profile, n) => threadReport(times[n] ?? [], timeByFunction(profile, this.symbols)));
    const counters = counted
      ? [countersReport(counted), slowPathReport(this.before, counted, awakeSeconds(times.filter(isVcpu).flat()))]
      : ["The VM has ended: no counters."];
    return [...threads, ...counters].join("\n\n");
  }
}

type Times = readonly (readonly [string, number])[];
type Counters = Readonly<Record<string, number>>;

function isVcpu(times: Times): boolean {
  return times.some(([part]) => part === "compiled code" || part === "interpreter");
}

function awakeSeconds(times: Times): number {
  return times.reduce((sum, [part, seconds]) => sum + (part === "asleep" ? 0 : seconds), 0);
}

/** So many functions are named. */
const FUNCTIONS = 12;

/** Parts, then functions by the time that they took themselves: percentages of the time that the thread was awake. */
export function threadReport(times: Times, functions: Times): string {
  const awake = times.filter(([part]) => part !== "asleep");
  const total = awakeSeconds(times);
  const asleep = times.find(([part]) => part === "asleep")?.[1] ?? 0;
  const line = ([name, seconds]: Times[number]) => `${((100 * seconds) / total).toFixed(1).padStart(6)} %  ${name}`;
  return [
    `${isVcpu(times) ? "The vCPU's thread" : "A thread of QEMU's"}: awake ${total.toFixed(1)} s, asleep ${asleep.toFixed(1)} s`,
    ...awake.map(line),
    "of which in the functions",
    ...functions
      .filter(([name]) => !name.startsWith("("))
      .slice(0, FUNCTIONS)
      .map(line),
  ].join("\n");
}

/** The counters, and the ratios that are worth more than they. */
export function countersReport(counted: Counters): string {
  const ratio = (a: string, b: string) => ((counted[a] ?? Number.NaN) / (counted[b] ?? Number.NaN)).toFixed(1);
  const lines: [string, string][] = [
    ...Object.entries(counted).map(([name, value]): [string, string] => [name, value.toLocaleString("en")]),
    ["compiled bytes of a guest instruction", ratio("compiled bytes", "compiled guest instructions")],
    ["compiled blocks of a module", ratio("compiled blocks", "compiled modules")],
  ];
  return lines.map(([name, value]) => `${value.padStart(16)}  ${name}`).join("\n");
}

/** Where accesses of the guest's memory that the TLB alone doesn't serve end, by QEMU's counter of each. */
const SERVED = [
  ["page walks, those for code included", "TLB fills"],
  ["of the entries that others pushed out last", "TLB entries brought back"],
  ["devices", "device accesses"],
  ["writes of clean pages or of code", "writes of tracked pages"],
] as const;

/** How often the guest's memory is accessed by the slow path in a second that its CPUs are awake, and what serves it there. */
export function slowPathReport(before: Counters, after: Counters, seconds: number): string {
  const often = (name: string) => ((after[name] ?? Number.NaN) - (before[name] ?? 0)) / seconds;
  const line = (name: string, perSecond: number) =>
    `${Math.round(perSecond).toLocaleString("en").padStart(16)}  ${name}`;
  return [
    line("memory accesses by the slow path in a second awake; with them", often("memory accesses, slow path")),
    ...SERVED.map(([name, counter]) => line(name, often(counter))),
  ].join("\n");
}
