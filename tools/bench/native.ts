/** The same guest in the native QEMU of this machine, by its interpreter's rival: TCG with a real code generator. */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { Scanner } from "../lib/scanner.ts";

export function nativeQemuVersion(): string {
  const { stdout } = spawnSync("qemu-system-x86_64", ["--version"], { encoding: "utf8" });
  const version = /version (\S+)/.exec(stdout ?? "")?.[1];
  if (!version) throw new Error("There is no qemu-system-x86_64. Install it: apt-get install qemu-system-x86.");
  return version;
}

/**
 * The extension's command line for native QEMU: the same words, but for the serial port (standard output), what the extension's
 * host needs for itself (QMP, its chardevs, its firmware's folder), the accelerator's limits, and where the files are.
 */
export function nativeArguments(commandLine: readonly string[], files: { kernel: string; initrd: string }): string[] {
  const args: string[] = [];
  for (let i = commandLine.findIndex((word) => word.startsWith("-")); i < commandLine.length; i++) {
    const option = commandLine[i] ?? "";
    const value = commandLine[i + 1]?.startsWith("-") === false ? commandLine[++i] : undefined;
    if (["-chardev", "-L", "-serial"].includes(option) || /^(monitor-qmp|virtserialport),/.test(value ?? "")) continue;
    args.push(option);
    if (option === "-accel") args.push("tcg");
    else if (option === "-kernel") args.push(files.kernel);
    else if (option === "-initrd") args.push(files.initrd);
    else if (value !== undefined) args.push(value);
  }
  return [...args, "-serial", "stdio"];
}

/** A running native QEMU and its serial port: standard input and output. */
export class NativeQemu {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #output = new Scanner();
  readonly #ended: Promise<never>;

  constructor(args: readonly string[]) {
    this.#process = spawn("qemu-system-x86_64", args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#process.stdout.on("data", (bytes: Buffer) => this.#output.push(bytes));
    this.#ended = new Promise<never>((_, reject) => {
      this.#process.on("error", reject);
      this.#process.on("exit", (status) => reject(new Error(`Native QEMU ended with ${status}.`)));
    });
    this.#ended.catch(() => {}); // it ends after the last search too
  }

  /** A line, with the Enter key after it. */
  async type(line: string): Promise<void> {
    this.#process.stdin.write(`${line}\r`);
  }

  /** Waits for the output to have `pattern` after what was found before; rejects when QEMU ends before. */
  find(pattern: string | RegExp): Promise<string> {
    return Promise.race([this.#output.find(pattern), this.#ended]);
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

/** Seconds from QEMU's start to `prompt` on its serial port. */
export async function nativeBoot(args: readonly string[], prompt: string | RegExp): Promise<number> {
  const started = performance.now();
  const qemu = new NativeQemu(args);
  try {
    await qemu.find(prompt);
    return (performance.now() - started) / 1000;
  } finally {
    qemu.kill();
  }
}
