/** The quick VM in native QEMU: what the guest itself promises, without the browser. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import { buildGuests } from "./build.ts";
import { quick } from "./quick.ts";

let folder: string;
let guest: ChildProcess | undefined;
let output = "";
let waiting: (() => void) | undefined;

beforeAll(async () => {
  folder = await buildGuests();
}, 1_800_000);

afterEach(() => guest?.kill("SIGKILL"));

function boot(...args: string[]): Promise<number | null> {
  const qemu = spawn("qemu-system-x86_64", [
    ...["-accel", "tcg", "-machine", quick.machine, ...quick.machineArgs, "-cpu", quick.cpu],
    ...["-m", String(quick.memoryMiB), "-nodefaults", "-nographic", "-serial", "stdio"],
    ...["-kernel", join(folder, quick.kernel), "-initrd", join(folder, quick.initrd)],
    ...["-append", quick.commandLine, ...args],
  ]);
  guest = qemu;
  output = "";
  qemu.stdout.on("data", (data: Buffer) => {
    output += data.toString();
    waiting?.();
  });
  return once(qemu, "exit").then(([status]) => status as number | null);
}

/** Waits for `pattern` in the output, and forgets the output up to its end. */
function find(pattern: string | RegExp): Promise<RegExpMatchArray> {
  return new Promise((resolve) => {
    waiting = () => {
      const match = typeof pattern === "string" ? /$^/ : output.match(pattern);
      const at = typeof pattern === "string" ? output.indexOf(pattern) : (match?.index ?? -1);
      if (at < 0) return;
      output = output.slice(at + (match?.[0].length ?? pattern.toString().length));
      waiting = undefined;
      resolve(match ?? [""]);
    };
    waiting();
  });
}

function type(line: string): void {
  guest?.stdin?.write(`${line}\r`);
}

test("boots to a shell that answers, and powers off", { timeout: 20_000 }, async () => {
  const exit = boot("-smp", "2", "-no-reboot");
  const ready = await find(quick.ready);
  expect(Number(ready[2])).toBeLessThan(5);
  await find(quick.prompt);
  type("echo sum-$((6*7)) $(hostname) cpus-$(nproc)");
  await find("sum-42 quick cpus-2");
  await find(quick.prompt);
  type("exit");
  await find(quick.prompt);
  type("sleep 100 | cat");
  type("\x03");
  await find(quick.prompt);
  type("poweroff");
  expect(await exit).toBe(0);
});

test("reboot restarts the machine, and QEMU ends there with -no-reboot", { timeout: 20_000 }, async () => {
  const exit = boot("-no-shutdown");
  await find(quick.prompt);
  type("reboot");
  await find(quick.ready);
  await find(quick.prompt);
  guest?.kill("SIGTERM");
  expect(await exit).toBe(0);
});

test("takes an address, and its agent answers", { timeout: 20_000 }, async () => {
  const exit = boot(
    ...["-nic", "user,model=virtio-net-pci", "-device", "virtio-serial-pci"],
    ...["-chardev", "socket,id=agent,path=agent,server=on,wait=off", "-no-reboot"],
  );
  await find(quick.prompt);
  type("poweroff -f");
  expect(await exit).toBe(0);
});
