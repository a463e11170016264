/** CPU time and wake-ups of the threads of a process, from /proc (proc(5)): Linux only. */
import { readdirSync, readFileSync } from "node:fs";
import type { ExtensionBrowser } from "../lib/chromium.ts";

export interface ThreadTime {
  tid: number;
  name: string;
  /** Time on a CPU so far, seconds. */
  seconds: number;
  /** Times that it gave the CPU away to wait, and so was woken, so far. */
  waits: number;
}

export function threadTimes(pid: number): ThreadTime[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
    try {
      const read = (file: string) => readFileSync(`/proc/${pid}/task/${tid}/${file}`, "utf8");
      const waits = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(read("status"))?.[1];
      const seconds = Number(read("schedstat").split(" ", 1)[0]) / 1e9; // Documentation/scheduler/sched-stats.rst
      return [{ tid: Number(tid), name: read("comm").trim(), seconds, waits: Number(waits) }];
    } catch {
      return []; // the thread ended meanwhile
    }
  });
}

/** Those that are Workers of a page. */
export function workers(threads: readonly ThreadTime[]): ThreadTime[] {
  return threads.filter((thread) => thread.name.startsWith("DedicatedWorker"));
}

/** The process that hosts the threads of the browser's VM: the renderer with the most Workers. */
export async function vmProcess(browser: ExtensionBrowser): Promise<number> {
  const { processInfo } = await browser.cdp.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter((process) => process.type === "renderer").map((process) => process.id);
  const most = renderers.sort((a, b) => workers(threadTimes(b)).length - workers(threadTimes(a)).length)[0];
  if (most === undefined || workers(threadTimes(most)).length < 2) throw new Error("No renderer hosts a VM's threads.");
  return most;
}
