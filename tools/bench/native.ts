/** The same guest in the native QEMU of this machine, by its interpreter's rival: TCG with a real code generator. */
import { spawn, spawnSync } from "node:child_process";
import { Scanner } from "../lib/scanner.ts";

export interface NativeGuest {
  kernel: string;
  initrd: string;
  append: string;
  machine: string;
  cpu: string;
  smp: number;
  /** MiB. */
  memory: number;
}

export function nativeQemuVersion(): string {
  const { stdout } = spawnSync("qemu-system-x86_64", ["--version"], { encoding: "utf8" });
  const version = /version (\S+)/.exec(stdout ?? "")?.[1];
  if (!version) throw new Error("There is no qemu-system-x86_64. Install it: apt-get install qemu-system-x86.");
  return version;
}

/** Seconds from QEMU's start to `prompt` on the serial console. */
export async function nativeBoot(guest: NativeGuest, prompt: RegExp): Promise<number> {
  const args = [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio"],
    ...["-accel", "tcg", "-machine", guest.machine, "-cpu", guest.cpu],
    ...["-smp", String(guest.smp), "-m", String(guest.memory)],
    ...["-object", "rng-builtin,id=rng0", "-device", "virtio-rng-pci,rng=rng0"],
    ...["-kernel", guest.kernel, "-initrd", guest.initrd, "-append", guest.append],
  ];
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
