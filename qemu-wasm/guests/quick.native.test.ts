/** The quick VM in native QEMU: what the guest itself promises, without the browser. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeAll, expect, test } from "vitest";
import { buildGuests } from "./build.ts";
import { quick } from "./quick.ts";

const prompt = /root@quick:~# /;

let folder: string;
let guest: ChildProcess | undefined;
let output = "";
let look = () => {};

beforeAll(async () => {
  folder = await buildGuests();
}, 1_800_000);

afterEach(() => {
  guest?.kill("SIGKILL");
});

/** Starts the guest; resolves to QEMU's exit status. */
async function boot(...args: string[]): Promise<number | null> {
  const qemu = spawn("qemu-system-x86_64", [
    ...["-accel", "tcg", "-machine", quick.machine, ...quick.machineArgs, "-cpu", quick.cpu],
    ...["-m", String(quick.memoryMiB), "-nodefaults", "-display", "none", "-serial", "stdio"],
    ...["-kernel", join(folder, quick.kernel), "-initrd", join(folder, quick.initrd)],
    // The TSC here is the host's and faster than told, so the guest's clock is fast; to measure it fails on a busy machine.
    ...["-append", `${quick.commandLine} ${quick.commandLineWithoutHostTsc}`, ...args],
  ]);
  guest = qemu;
  output = "";
  qemu.stdout.on("data", (data: Buffer) => {
    output += data.toString();
    look();
  });
  const [status] = await once(qemu, "exit");
  return status;
}

/** Waits until the output has `pattern`, and forgets it up to there. */
function find(pattern: RegExp): Promise<RegExpMatchArray> {
  return new Promise((resolve) => {
    look = () => {
      const match = output.match(pattern);
      if (match?.index === undefined) return;
      output = output.slice(match.index + match[0].length);
      look = () => {};
      resolve(match);
    };
    look();
  });
}

function type(line: string): void {
  guest?.stdin?.write(`${line}\r`);
}

test("boots to a shell with job control that answers, and powers off", { timeout: 20_000 }, async () => {
  const exit = boot("-smp", "2", "-no-reboot");
  const ready = await find(quick.ready);
  expect(ready[1]).toMatch(/^6\.12\./);
  await find(prompt);
  type("echo sum-$((6*7)) $(hostname) cpus-$(nproc)");
  await find(/sum-42 quick cpus-2/);
  await find(prompt);
  type("exit");
  await find(prompt);
  type("echo respawned; sleep 1000 | cat");
  await find(/\nrespawned/);
  guest?.stdin?.write("\x03");
  await find(prompt);
  type("poweroff");
  expect(await exit).toBe(0);
});

test("reboot starts it again", { timeout: 20_000 }, async () => {
  const exit = boot();
  await find(prompt);
  type("reboot");
  await find(quick.ready);
  await find(prompt);
  type("poweroff -f");
  expect(await exit).toBe(0);
});

test("takes an address by DHCP, and its guest agent answers and shuts it down", { timeout: 20_000 }, async () => {
  const place = mkdtempSync(join(tmpdir(), "qemuweb-"));
  const path = join(place, "agent");
  const exit = boot(
    ...["-no-reboot", "-nic", "user,model=virtio-net-pci", "-device", "virtio-serial-pci"],
    ...["-chardev", `socket,id=agent,path=${path},server=on,wait=off`],
    ...["-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"],
  );
  await find(prompt);
  type("while ! grep name /etc/resolv.conf 2>/dev/null; do sleep 0.1; done; ifconfig eth0"); // written after the address is set
  await find(/nameserver 10\.0\.2\.3/);
  await find(/inet addr:10\.0\.2\.15/);

  const socket = connect(path);
  const answer = once(createInterface(socket), "line");
  socket.write('{"execute":"guest-get-host-name"}\n');
  expect(JSON.parse((await answer)[0])).toEqual({ return: { "host-name": "quick" } });
  socket.write('{"execute":"guest-shutdown"}\n');
  expect(await exit).toBe(0);
  socket.destroy();
  rmSync(place, { recursive: true });
});
