/** A guest of the extension's in a QEMU of this machine, by its interpreter's rival: TCG with a real code generator. */
import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { buildEngine } from "../../qemu-wasm/build/engine.ts";
import { buildNativeQemu } from "../../qemu-wasm/build/native.ts";
import { sources } from "../../qemu-wasm/build/sources.ts";
import { Scanner } from "../lib/scanner.ts";

/** A QEMU program: how it is started, up to the guest's own options. */
export interface NativeProgram {
  version: string;
  command: string;
  args: string[];
}

/** QEMU of the engine's own version, devices and firmware. */
export async function referenceQemu(): Promise<NativeProgram> {
  const [command, ...args] = await buildNativeQemu();
  const firmware = join(await buildEngine(), "firmware");
  return { version: sources.qemu.version, command, args: [...args, "-L", firmware] };
}

/** The one that Debian installs, which is older. */
export function debianQemu(): NativeProgram {
  const command = "qemu-system-x86_64";
  const text = execFileSync(command, ["--version"], { encoding: "utf8" });
  return { version: /version (\S+)/.exec(text)?.[1] ?? "?", command, args: [] };
}

/**
 * The extension's command line for native QEMU: the same words, but for the serial port (standard output), what the extension's
 * host needs for itself (QMP, its chardevs, its firmware's folder), the accelerator's limits, and where the files are. Disks' files
 * don't change here either.
 */
export function nativeArguments(commandLine: readonly string[], files: NativeFiles): string[] {
  const args: string[] = [];
  for (let i = commandLine.findIndex((word) => word.startsWith("-")); i < commandLine.length; i++) {
    const option = commandLine[i] ?? "";
    const value = commandLine[i + 1]?.startsWith("-") === false ? commandLine[++i] : undefined;
    if (["-chardev", "-L", "-serial"].includes(option) || /^(monitor-qmp|virtserialport),/.test(value ?? "")) continue;
    args.push(option);
    if (option === "-accel") args.push(nativeAccelerator(value ?? ""));
    else if (option === "-kernel") args.push(files.kernel);
    else if (option === "-initrd" && files.initrd !== undefined) args.push(files.initrd);
    else if (option === "-drive" && value !== undefined) args.push(nativeDrive(value, files.disks ?? {}));
    else if (value !== undefined) args.push(value);
  }
  return [...args, ...(files.disks ? ["-snapshot"] : []), "-serial", "stdio"];
}

/** What the extension takes from its pages, by paths; disks by their ids. */
export interface NativeFiles {
  kernel: string;
  initrd?: string;
  disks?: Readonly<Record<string, string>>;
}

/** TCG without the extension's limits and tiers. */
function nativeAccelerator(accelerator: string): string {
  const options = accelerator.split(",").filter((option) => option.startsWith("lockstep"));
  return ["tcg", ...options].join(",");
}

/** A drive whose bytes the extension's host serves, as one of a file. */
function nativeDrive(drive: string, disks: Readonly<Record<string, string>>): string {
  return drive.replace(/file\.driver=web,file\.device=([^,]+)/, (_, id: string) => {
    const path = disks[id];
    if (path === undefined) throw new Error(`There is no file for the disk ${id}.`);
    return `file.driver=file,file.filename=${path.replaceAll(",", ",,")}`;
  });
}

/** A running native QEMU and its serial port: standard input and output. */
export class NativeQemu {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #output = new Scanner();
  readonly #ended: Promise<never>;

  constructor(program: NativeProgram, args: readonly string[]) {
    this.#process = spawn(program.command, [...program.args, ...args], { stdio: ["pipe", "pipe", "inherit"] });
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
export async function nativeBoot(program: NativeProgram, args: readonly string[], prompt: string | RegExp) {
  const started = performance.now();
  const qemu = new NativeQemu(program, args);
  try {
    await qemu.find(prompt);
    return (performance.now() - started) / 1000;
  } finally {
    qemu.kill();
  }
}
