/** Samples the threads of the VM in a browser by V8's profiler, from outside. */
import type { CDPSession } from "@playwright/test";
import { Target, type TargetInfo, waitForTarget, workersOf } from "../lib/target.ts";
import type { CpuProfile } from "./cpu-profile.ts";

/** Microseconds between samples. */
const INTERVAL = 500;
/** A thread that sleeps in WebAssembly answers nothing, milliseconds; but a vCPU of an idle guest wakes up every few seconds. */
const PATIENCE = { start: 2000, stop: 15_000 };

export class CpuProfiler {
  private constructor(readonly threads: Target[]) {}

  /**
   * Profiles every thread that there is until `ready`: one that is new answers, one that runs the guest's code may not. The last
   * look is after that. A VM that ends meanwhile has none.
   */
  static async start(cdp: CDPSession, ready: Promise<unknown>): Promise<CpuProfiler> {
    const document = await waitForTarget(cdp, "the offscreen document", ({ url }) => url.includes("/offscreen/"));
    const [vm] = await workersOf(cdp, document);
    if (!vm) throw new Error("No VM runs.");
    const known = new Set<string>();
    const starts: Promise<Target | undefined>[] = [];
    for (let last = false; ; ) {
      for (const info of await workersOf(cdp, vm).catch(() => [])) {
        if (known.has(info.targetId)) continue;
        known.add(info.targetId);
        starts.push(
          orNothing(
            startThread(cdp, info).catch(() => undefined),
            PATIENCE.start,
          ),
        );
      }
      if (last) break;
      last = await Promise.race([
        ready.then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, 20, false)),
      ]);
    }
    return new CpuProfiler((await Promise.all(starts)).filter((thread) => thread !== undefined));
  }

  /** The profile of each thread that still answers. */
  async stop(): Promise<CpuProfile[]> {
    const profiles = this.threads.map((thread) => orNothing(thread.send("Profiler.stop"), PATIENCE.stop));
    return (await Promise.all(profiles)).flatMap((answer) => (answer ? [answer.profile as CpuProfile] : []));
  }
}

async function startThread(cdp: CDPSession, info: TargetInfo): Promise<Target> {
  const thread = await Target.attach(cdp, info);
  await thread.send("Profiler.enable");
  await thread.send("Profiler.setSamplingInterval", { interval: INTERVAL });
  await thread.send("Profiler.start");
  return thread;
}

function orNothing<T>(answer: Promise<T>, patience: number): Promise<T | undefined> {
  answer.catch(() => undefined); // a browser that closes ends it, unheard
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), patience).unref());
  return Promise.race([answer, late]);
}
