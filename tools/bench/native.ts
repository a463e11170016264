/** The same guest in the native QEMU of this machine, by its interpreter's rival: TCG with a real code generator. */
import { spawn, spawnSync } from "node:child_process";
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
    if (["-chardev", "-L", "-serial"].includes(option) || value?.startsWith("monitor-qmp,")) continue;
    args.push(option);
    if (option === "-accel") args.push("tcg");
    else if (option === "-kernel") args.push(files.kernel);
    else if (option === "-initrd") args.push(files.initrd);
    else if (value !== undefined) args.push(value);
  }
  return [...args, "-serial", "stdio"];
}

/** Seconds from QEMU's start to `prompt` on its standard output. */
export async function nativeBoot(args: readonly string[], prompt: string | RegExp): Promise<number> {
  const started = performance.now();
  const qemu = spawn("qemu-system-x86_64", args, { stdio: ["pipe", "pipe", "inherit"] });
  const output = new Scanner();
  qemu.stdout.on("data", (bytes: Buffer) => output.push(bytes));
  const ended = new Promise<never>((_, reject) => {
    qemu.on("error", reject);
    qemu.on("exit", (status) => reject(new Error(`Native QEMU ended with ${status} before the prompt.`)));
  });
  ended.catch(() => {}); // it ends after the prompt too
  try {
    await Promise.race([output.find(prompt), ended]);
    return (performance.now() - started) / 1000;
  } finally {
    qemu.kill("SIGKILL");
  }
}
