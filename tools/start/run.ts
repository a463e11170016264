/** One VM in the real extension, driven by a script of steps: what `npm start` does with options. */
import { createWriteStream, type WriteStream } from "node:fs";
import { resolve } from "node:path";
import { QemuWebError } from "../../src/core/errors.ts";
import type { VmInfo } from "../../src/engine/api.ts";
import type { EnginePage } from "../lib/engine-page.ts";
import { type Guest, GuestEnded } from "../lib/guest.ts";
import type { Options } from "./options.ts";
import { requestOf } from "./profile.ts";
import { endsByItself, planScript } from "./script.ts";

/** The line that `--json` prints. Times are milliseconds from the VM's start. */
export interface Report {
  ok: boolean;
  engineLoaded?: number;
  firstSerialByte?: number;
  until: { text: string; ms: number }[];
  error?: { code: string; message: string; hint: string };
}

/** The reason of an abort that is no failure: the user closed the window. */
export class WindowClosed extends Error {}

/** Text that ends the output shown when something was waited for in vain. */
const SHOWN = 2000;

/** A look at a VM that has just started: resolves to what reports on it at the end. */
export type Watch = (guest: Guest) => Promise<() => Promise<void>>;

/** Creates, starts and drives the VM; resolves when the script says so, or `signal` aborts. */
export async function run(
  page: EnginePage,
  options: Options,
  folder: string,
  signal: AbortSignal,
  watch?: Watch,
): Promise<Report> {
  const report: Report = { ok: false, until: [] };
  const serial = new SerialOutput(options.serialLog === undefined ? undefined : resolve(folder, options.serialLog));
  let guest: Guest | undefined;
  let tell: (() => Promise<void>) | undefined;
  try {
    const { profile, files } = requestOf(options, await page.quickProfile(), folder);
    guest = await page.create(profile, files);
    guest.onOutput = (bytes) => serial.write(bytes);
    const started = performance.now();
    const script = (async (vm: Guest) => {
      await vm.start();
      tell = await watch?.(vm);
      await follow(vm, options, report, started);
    })(guest);
    await untilAborted(script, signal);
    report.ok = true;
  } catch (error) {
    report.ok = error instanceof WindowClosed && !endsByItself(options.steps);
    if (!report.ok) report.error = explain(error, serial.tail);
  } finally {
    if (guest) {
      guest.onOutput = () => {};
      await tell?.();
      Object.assign(report, await guest.timings().catch(() => ({})));
    }
    await serial.end();
  }
  return report;
}

async function follow(guest: Guest, options: Options, report: Report, started: number): Promise<void> {
  const quick = options.kernel === undefined && options.disks.length === 0;
  for (const action of planScript(options.steps, quick ? "quick" : "own")) {
    if ("type" in action) await guest.type(action.type);
    else if (action.wait === "prompt") await guest.prompt();
    else if (action.wait === "output") await guest.find(/[\s\S]/);
    else {
      await guest.find(action.text);
      report.until.push({ text: action.text, ms: Math.round(performance.now() - started) });
    }
  }
  if (endsByItself(options.steps)) return;
  if (!options.headless) await new Promise(() => {}); // until the window is closed
  const vm = await guest.state(["off", "crashed", "failed"]);
  if (vm.state !== "off") throw new GuestEnded(vm);
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {}); // after an abort it may reject unheard
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function explain(error: unknown, tail: string): { code: string; message: string; hint: string } {
  const last = tail === "" ? "There was no serial output." : `The last serial output was:\n${tail}`;
  if (error instanceof QemuWebError) return error.toData();
  if (error instanceof GuestEnded) return { ...reasonOf(error.vm), message: `${last}\n${reasonOf(error.vm).message}` };
  if (error instanceof WindowClosed) return { code: "window-closed", message: "The window was closed.", hint: last };
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return { code: "timeout", message: `${last}\nThe time given by --timeout is over.`, hint: "Give it more seconds." };
  }
  return { code: "internal", message: (error as Error).message ?? String(error), hint: last };
}

function reasonOf(vm: VmInfo): { code: string; message: string; hint: string } {
  const unknown = { code: vm.state, message: `The VM is ${vm.state}.`, hint: "See its output above." };
  return vm.reason ?? unknown;
}

/** Standard output, and a log file: bytes as the guest wrote them. */
class SerialOutput {
  #log: WriteStream | undefined;
  #last = Buffer.alloc(0);

  constructor(log: string | undefined) {
    if (log !== undefined) this.#log = createWriteStream(log);
  }

  write(bytes: Uint8Array): void {
    process.stdout.write(bytes);
    this.#log?.write(bytes);
    this.#last = Buffer.from(Buffer.concat([this.#last, bytes]).subarray(-SHOWN));
  }

  get tail(): string {
    return this.#last.toString();
  }

  /** Ends the last line, so that what follows stands on its own. */
  async end(): Promise<void> {
    if (this.#last.length > 0 && this.#last.at(-1) !== 10) process.stdout.write("\n");
    await new Promise<void>((resolve) => (this.#log ? this.#log.end(resolve) : resolve()));
  }
}
