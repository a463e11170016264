/** Samples the threads of the VM in a browser by V8's profiler, from outside. */
import type { CDPSession } from "@playwright/test";
import { Target, waitForTarget, workersOf } from "../lib/target.ts";
import type { CpuProfile } from "./cpu-profile.ts";

/** Microseconds between samples. */
const INTERVAL = 500;
/** A thread that sleeps in WebAssembly answers nothing, milliseconds; but a vCPU of an idle guest wakes up every few seconds. */
const PATIENCE = { start: 2000, stop: 15_000 };

export class CpuProfiler {
  private constructor(readonly threads: Target[]) {}

  /** Profiles every thread that runs now. */
  static async start(cdp: CDPSession): Promise<CpuProfiler> {
    const document = await waitForTarget(cdp, "the offscreen document", ({ url }) => url.includes("/offscreen/"));
    const [vm] = await workersOf(cdp, document);
    if (!vm) throw new Error("No VM runs.");
    const threads: Target[] = [];
    for (const info of await workersOf(cdp, vm)) {
      const thread = await Target.attach(cdp, info);
      const started = (async () => {
        await thread.send("Profiler.enable");
        await thread.send("Profiler.setSamplingInterval", { interval: INTERVAL });
        await thread.send("Profiler.start");
        return true;
      })();
      if (await orNothing(started, PATIENCE.start)) threads.push(thread);
    }
    return new CpuProfiler(threads);
  }

  /** The profile of each thread that still answers. */
  async stop(): Promise<CpuProfile[]> {
    const profiles = this.threads.map((thread) => orNothing(thread.send("Profiler.stop"), PATIENCE.stop));
    return (await Promise.all(profiles)).flatMap((answer) => (answer ? [answer.profile as CpuProfile] : []));
  }
}

function orNothing<T>(answer: Promise<T>, patience: number): Promise<T | undefined> {
  answer.catch(() => undefined); // a browser that closes ends it, unheard
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), patience).unref());
  return Promise.race([answer, late]);
}
