/** Drives `engine-bench` at the prompt of a guest, whichever machine runs it. */
import { setTimeout as sleep } from "node:timers/promises";
import { quick } from "../../qemu-wasm/guests/quick.ts";
import { type BenchRun, parseRun, type ReadLine } from "./engine-report.ts";

/** A guest's serial console: `Guest` of the extension's, `NativeQemu`. */
export interface BenchConsole {
  type(line: string): Promise<void>;
  find(pattern: string | RegExp): Promise<string>;
}

/** Between two lines of its output a guest that is alive takes less, seconds. */
const SILENCE = 300;

const line = new RegExp(`[^\\n]*\\n|${quick.prompt}`);

/** Waits for the prompt and runs the items named, or all. */
export async function runBench(guest: BenchConsole, repetitions: number, only: readonly string[]): Promise<BenchRun> {
  await guest.find(quick.prompt);
  await guest.type(["engine-bench", repetitions, ...only].join(" "));
  const lines: ReadLine[] = [];
  for (;;) {
    const text = await spoken(guest.find(line), lines);
    const at = performance.now();
    if (text === quick.prompt) return parseRun(lines);
    lines.push({ text: text.trimEnd(), at });
  }
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
