/** Drives `engine-bench` at the prompt of a guest, whichever machine runs it. */
import { setTimeout as sleep } from "node:timers/promises";
import { type BenchRun, parseRun, type ReadLine } from "./engine-report.ts";

/** A guest's serial console: `Guest` of the extension's, `NativeQemu`, `V86Machine`. */
export interface BenchConsole {
  type(line: string): Promise<void>;
  find(pattern: string | RegExp): Promise<string>;
}

/** Between two lines of its output a guest that is alive takes less, seconds. */
const SILENCE = 300;

export interface BenchWork {
  /** The shell's. */
  prompt: string;
  /** Of each item. */
  repetitions: number;
  /** The items; none: all, and the boot, too. */
  only: readonly string[];
  /** When the guest was started, by `performance.now()`. */
  started: number;
}

/** Waits for the prompt and runs the items. */
export async function runBench(
  guest: BenchConsole,
  { prompt, repetitions, only, started }: BenchWork,
): Promise<BenchRun> {
  const line = new RegExp(`[^\\n]*\\n|${prompt}`);
  await guest.find(prompt);
  const booted = performance.now() - started;
  await guest.type(["engine-bench", repetitions, ...only].join(" "));
  const lines: ReadLine[] = [];
  for (;;) {
    const text = await spoken(guest.find(line), lines);
    const at = performance.now();
    if (text === prompt) break;
    lines.push({ text: text.trimEnd(), at });
  }
  const run = parseRun(lines);
  if (only.length === 0) run.items.set("boot", { nanosecondsPerOperation: booted * 1e6, checksum: "" });
  return run;
}

async function spoken(next: Promise<string>, before: readonly ReadLine[]): Promise<string> {
  const stop = new AbortController();
  const late = sleep(SILENCE * 1000, undefined, { signal: stop.signal }).then(() => {
    const said = before.map(({ text }) => text).join("\n");
    throw new Error(`The guest has been silent for ${SILENCE} s. It had printed:\n${said}`);
  });
  late.catch(() => {}); // after the race it may reject unheard
  try {
    return await Promise.race([next, late]);
  } finally {
    stop.abort();
  }
}
