/**
 * `npm run bench:idle [-- --seconds N]`: what a quick VM costs that waits at its prompt, in percent of one core, over 30 s, and how
 * often its threads wake up: first with the popup open, which shows the seconds that the VM has run, then with no page of the
 * extension. Measured is the renderer process of the extension, found among the browser's by its many Worker threads: it hosts the
 * offscreen document, every thread of the VM, and the popup. All of its threads count; nothing is subtracted.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { buildExtension } from "../build.ts";
import { launch } from "../lib/chromium.ts";
import { EnginePage } from "../lib/engine-page.ts";
import { threadTimes, vmProcess } from "./threads.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "30" } } });
const duration = Number(values.seconds);
if (!(duration > 0)) throw new Error(`--seconds is a number above zero, not ${values.seconds}.`);

/** Prints what each thread of a process costs, from when it has come to rest. */
async function measure(pid: number, what: string): Promise<void> {
  await sleep(15_000); // what came before left something to do: compilers, collectors
  const before = new Map(threadTimes(pid).map((thread) => [thread.tid, thread]));
  const started = performance.now();
  await sleep(duration * 1000);
  const elapsed = (performance.now() - started) / 1000;
  const spent = threadTimes(pid)
    .map(({ tid, name, seconds, waits }) => {
      const { seconds: then = 0, waits: waitsThen = 0 } = before.get(tid) ?? {};
      return { tid, name, seconds: seconds - then, waits: waits - waitsThen };
    })
    .sort((a, b) => b.seconds - a.seconds);
  const percent = (seconds: number) => `${((100 * seconds) / elapsed).toFixed(2).padStart(6)} %`;
  const wakeUps = (waits: number) => `${(waits / elapsed).toFixed(1).padStart(7)}/s`;
  const sum = (of: "seconds" | "waits") => spent.reduce((sum, thread) => sum + thread[of], 0);
  console.log(`\n${what}: renderer ${pid}, ${spent.length} threads, ${elapsed.toFixed(1)} s`);
  for (const { seconds, waits, name, tid } of spent.filter(({ seconds, waits }) => seconds > 0 || waits > 0)) {
    console.log(`${percent(seconds)} ${wakeUps(waits)}  ${name} (${tid})`);
  }
  console.log(`${percent(sum("seconds"))} ${wakeUps(sum("waits"))}  total`);
}

const browser = await launch({ extension: await buildExtension() });
try {
  const engine = await EnginePage.open(browser);
  const guest = await engine.startQuick();
  await guest.prompt();
  const pid = await vmProcess(browser);
  await measure(pid, "Popup open");
  await engine.page.goto("about:blank");
  await measure(pid, "No page open");
} finally {
  await browser.close();
}
