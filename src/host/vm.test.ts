import { beforeEach, expect, test, vi } from "vitest";
import { parseProfile } from "../model/parse-profile.ts";
import { memoryBytes } from "./memory.ts";
import { FakeWorker, fakeDeps } from "./testing/fake-engine.ts";
import { Vm } from "./vm.ts";

let deps: Awaited<ReturnType<typeof fakeDeps>>;
beforeEach(async () => {
  deps = await fakeDeps();
});
const forever = new AbortController().signal;

function makeVm(change: object = {}, files: Record<string, Blob> = {}) {
  return new Vm(deps, { id: "vm", profile: parseProfile({ name: "t", ...change }), files }, () => {});
}
async function worker(n = 0): Promise<FakeWorker> {
  await expect.poll(() => deps.workers[n]?.started).toBeDefined();
  return deps.workers[n] ?? new FakeWorker();
}
async function state(vm: Vm, wanted: string) {
  await expect.poll(() => vm.info.state).toBe(wanted);
  return vm.info;
}
const timestamp = { seconds: 1, microseconds: 0 };

/** A VM whose guest runs. */
async function booted(n = 0, vm = makeVm()) {
  const starting = vm.start();
  const qemu = await worker(n);
  await qemu.boot();
  await starting;
  await state(vm, "running");
  return { vm, qemu };
}
async function logText(vm: Vm, lines: number): Promise<string[]> {
  const reader = vm.openLog(forever).getReader();
  const texts = [];
  while (texts.length < lines) texts.push((await reader.read()).value?.text ?? "");
  return texts;
}

test("hands the Worker QEMU's arguments, the firmware and the user's files", async () => {
  const boot = { kernel: { from: "guest", guest: "quick", name: "vmlinux" }, append: "a b" };
  const disk = new Blob(["disk"]);
  const disks = [{ file: { from: "user", name: "d.img" }, format: "raw", access: "persistent" }];
  const vm = makeVm({ boot, disks, memory: 64 }, { "d.img": disk });
  await booted(0, vm);
  const { started } = await worker();
  expect(started?.files).toEqual([
    { path: "/firmware/bios-256k.bin", content: new TextEncoder().encode("bios") },
    { path: "/files/0-vmlinux", url: "ext:/guests/quick/vmlinux" },
  ]);
  const image = { from: "blob", blob: disk };
  expect(started?.disks).toEqual([{ vm: vm.info.id, disk: "disk0", image, format: "raw", persistent: true }]);
  expect(started?.memoryBytes).toBe(memoryBytes(64));
  expect(vm.info.commandLine).toEqual(["qemu-system-x86_64", ...(started?.args ?? [])]);
  const [line] = await logText(vm, 1);
  expect(line).toMatch(/^qemu-system-x86_64 -nodefaults .* -append 'a b'$/);
  expect(vm.timings.engineLoaded).toBeGreaterThan(0);
});

test("runs, pauses and resumes as QEMU says; its console and log are the guest's", async () => {
  const { vm, qemu } = await booted();
  const startedAt = vm.info.startedAt;
  await qemu.tell("qmp", { event: "STOP" });
  await state(vm, "paused");
  await qemu.tell("qmp", { event: "RESUME" });
  expect((await state(vm, "running")).startedAt).toBe(startedAt);
  const { output, input } = vm.openConsole("serial0", forever);
  await qemu.tell("serial0", "login: ");
  expect(new TextDecoder().decode((await output.getReader().read()).value)).toBe("login: ");
  await input.getWriter().write(new TextEncoder().encode("root"));
  expect(qemu.typed).toEqual(["root"]);
  expect(vm.timings.firstSerialByte).toBeGreaterThan(0);
  expect(() => vm.openConsole("serial9", forever)).toThrow("no console serial9");
});

test("a guest that writes runs, even when its monitor says nothing", async () => {
  const vm = makeVm();
  void vm.start();
  const qemu = await worker();
  qemu.say({ type: "started", memory: new SharedArrayBuffer(8) });
  qemu.say({ type: "chardev", id: "serial0", address: 1 });
  await qemu.tell("serial0", "x");
  await state(vm, "running");
});

test("a guest that powers off says so, and what it wrote last is kept", async () => {
  const { vm, qemu } = await booted();
  await qemu.tell("qmp", { event: "SHUTDOWN", data: { guest: true, reason: "guest-shutdown" } });
  await state(vm, "stopping");
  void qemu.tell("serial0", "Power down");
  qemu.say({ type: "exit", status: 0 });
  expect((await state(vm, "off")).reason).toMatchObject({ code: "powered-off", message: "The guest powered off." });
  const reader = vm.openConsole("serial0", forever).output.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("Power down");
  expect(qemu.terminated).toBe(true);
  await booted(1, vm);
});

test("QEMU that exits with an error: failed, with its last words; a start works again", async () => {
  const vm = makeVm({ extraArgs: ["-nonsense"] });
  const starting = vm.start();
  const qemu = await worker();
  qemu.say({ type: "started", memory: new SharedArrayBuffer(8) });
  qemu.say({ type: "output", source: "stderr", text: "qemu-system-x86_64: -nonsense: invalid option\n" });
  qemu.say({ type: "exit", status: 1 });
  await starting;
  const { reason } = await state(vm, "failed");
  expect(reason?.code).toBe("qemu-exited");
  expect(reason?.message).toBe("QEMU ended with status 1: qemu-system-x86_64: -nonsense: invalid option.");
  await booted(1, vm);
});

test("a Worker that dies: failed; another VM goes on", async () => {
  const other = await booted(0);
  const { vm, qemu } = await booted(1);
  qemu.dispatchEvent(Object.assign(new Event("error"), { message: "RuntimeError: unreachable" }));
  const { reason } = await state(vm, "failed");
  expect(reason).toMatchObject({ code: "worker-died", message: "The engine died: RuntimeError: unreachable." });
  expect(qemu.terminated).toBe(true);
  expect(other.vm.info.state).toBe("running");
  await booted(2, vm);
});

test("an engine that aborts says why by its last words", async () => {
  const { vm, qemu } = await booted();
  qemu.say({ type: "output", source: "stderr", text: "GLib: failed to allocate 61440 bytes\n" });
  qemu.say({ type: "abort", message: "" });
  const { reason } = await state(vm, "failed");
  expect(reason).toMatchObject({
    code: "worker-died",
    message: "The engine died: it gave up; the last that it wrote was: GLib: failed to allocate 61440 bytes.",
  });
});

test("memory that is not granted, or beyond what the engine can address: failed, and start throws the same", async () => {
  const vm = makeVm();
  const starting = vm.start();
  (await worker()).say({ type: "memory-refused", bytes: 704 << 20, message: "RangeError" });
  await expect(starting).rejects.toMatchObject({ code: "memory-not-granted" });
  expect(vm.info.reason?.message).toBe("The browser did not grant 704 MiB of memory.");

  const big = makeVm({ memory: 8192 });
  await expect(big.start()).rejects.toMatchObject({ code: "memory-not-granted" });
  expect(big.info).toMatchObject({
    state: "failed",
    reason: { hint: expect.stringMatching(/^Lower the VM's memory to 3\d{3} MiB/) },
  });
  expect(deps.workers).toHaveLength(1);
});

test("a file that is gone: failed", async () => {
  const gone = new Blob(["x"]);
  gone.slice = () => {
    throw new DOMException("gone", "NotReadableError");
  };
  const vm = makeVm({ disks: [{ file: { from: "user", name: "d" }, format: "raw" }] }, { d: gone });
  await expect(vm.start()).rejects.toMatchObject({ code: "file-unreadable" });
  expect(vm.info.state).toBe("failed");
});

test("a panic in the console's text: crashed with the kernel's words, paused; reset runs it again", async () => {
  const { vm, qemu } = await booted();
  await qemu.tell("serial0", "[ 1.0] Kernel panic - not syncing: No working init found.\r\n");
  const { reason } = await state(vm, "crashed");
  expect(reason?.message).toBe("The guest's kernel panicked: No working init found.");
  await qemu.tell("serial0", "---[ end Kernel panic - not syncing ]---\r\n");
  await expect.poll(() => qemu.commands).toContain("stop");
  await qemu.tell("qmp", { event: "STOP" });
  expect(vm.info.state).toBe("crashed");

  const reset = vm.reset();
  await expect.poll(() => qemu.commands.at(-1)).toBe("system_reset");
  await qemu.tell("qmp", { event: "RESET", data: { guest: false, reason: "host-qmp-system-reset" }, timestamp });
  await reset;
  expect(qemu.commands.at(-1)).toBe("cont");
  await qemu.tell("qmp", { event: "RESUME" });
  await state(vm, "running");
});

test("a panic told by pvpanic: crashed; a start from there ends the old engine", async () => {
  const { vm, qemu } = await booted();
  await qemu.tell("qmp", { event: "GUEST_PANICKED", data: { action: "pause" } });
  expect((await state(vm, "crashed")).reason?.code).toBe("guest-panicked");
  await booted(1, vm);
  expect(qemu.terminated).toBe(true);
});

test("pause and resume ask QEMU, and are what its events say", async () => {
  const { vm, qemu } = await booted();
  await vm.pause();
  expect(qemu.commands.at(-1)).toBe("stop");
  await qemu.tell("qmp", { event: "STOP" });
  await state(vm, "paused");
  await expect(vm.shutdown()).rejects.toThrow("The VM is paused: resume it first, or force it off.");
  await vm.resume();
  expect(qemu.commands.at(-1)).toBe("cont");
  await qemu.tell("qmp", { event: "RESUME" });
  await state(vm, "running");
});

test("shutdown presses the power button where no agent is, and the guest's end is its own", async () => {
  const { vm, qemu } = await booted();
  const asked = vm.shutdown();
  expect(vm.info.state).toBe("shutting-down");
  await asked;
  expect(qemu.commands.at(-1)).toBe("system_powerdown");
  await qemu.tell("qmp", { event: "POWERDOWN" });
  await qemu.tell("qmp", { event: "SHUTDOWN", data: { guest: true, reason: "guest-shutdown" } });
  await state(vm, "stopping");
  qemu.say({ type: "exit", status: 0 });
  expect((await state(vm, "off")).reason?.message).toBe("The guest powered off.");
});

const AGENT_OPEN = { event: "VSERPORT_CHANGE", data: { id: "agent0", open: true } };

test("shutdown asks the guest's agent where that answers, and presses nothing", async () => {
  const { vm, qemu } = await booted();
  await qemu.tell("qmp", AGENT_OPEN);
  await expect.poll(() => vm.info.agent).toBe(true);
  const asked = vm.shutdown();
  await expect.poll(() => qemu.commands.slice(-2)).toEqual(["guest-sync-delimited", "guest-shutdown"]);
  qemu.say({ type: "exit", status: 0 });
  await asked;
  expect(qemu.commands).not.toContain("system_powerdown");
  expect((await state(vm, "off")).agent).toBeUndefined();
});

test("an agent that hangs keeps nobody from the power button", async () => {
  const { vm, qemu } = await booted();
  qemu.agentReads = false;
  await qemu.tell("qmp", AGENT_OPEN);
  await expect.poll(() => vm.info.agent).toBe(true);
  await vm.shutdown();
  expect(qemu.commands.at(-1)).toBe("system_powerdown");
});

test("a guest that does not react is told of, can be asked again, and be stopped", async () => {
  const { vm, qemu } = await booted();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    await vm.shutdown();
    vi.advanceTimersByTime(20_000);
    expect(vm.info).toMatchObject({ state: "shutting-down", reason: { code: "not-reacting" } });
    await vm.shutdown();
    expect(vm.info.reason).toBeUndefined();
    expect(qemu.commands.filter((command) => command === "system_powerdown")).toHaveLength(2);
    const stopping = vm.stop();
    qemu.say({ type: "exit", status: 0 });
    await stopping;
    expect(vm.info).toMatchObject({ state: "off" });
  } finally {
    vi.useRealTimers();
  }
});

test("QEMU that stops for a disk: paused, with the disk's name and the store's hint; resume tries again", async () => {
  const disks = [{ file: { from: "user", name: "data.img" }, format: "raw", access: "persistent" }];
  const { vm, qemu } = await booted(0, makeVm({ disks }, { "data.img": new Blob(["disk"]) }));
  qemu.answer("query-status", { status: "io-error", running: false });
  const error = { code: "storage-full", message: "There is no space left.", hint: "Free some." } as const;
  qemu.say({ type: "disk-failed", disk: "disk0", error });
  const data = { device: "disk0", "qom-path": "", operation: "write", action: "stop", reason: "No space" };
  await qemu.tell("qmp", { event: "BLOCK_IO_ERROR", data });
  await qemu.tell("qmp", { event: "STOP" });
  await state(vm, "paused");
  await expect
    .poll(() => vm.info.reason)
    .toEqual({
      code: "disk-stopped",
      message: "The VM was paused: writing the disk data.img failed.",
      hint: "There is no space left. Free some.",
    });
  await vm.resume();
  await qemu.tell("qmp", { event: "RESUME" });
  expect((await state(vm, "running")).reason).toBeUndefined();
});

test("a guest that reboots is counted, and shuts down no more", async () => {
  const { vm, qemu } = await booted();
  await vm.shutdown();
  const data = { guest: true, reason: "guest-reset" };
  await qemu.tell("qmp", { event: "RESET", data, timestamp });
  await qemu.tell("qmp", { event: "RESET", data, timestamp: { seconds: 1, microseconds: 900_000 } }); // the firmware's
  expect((await state(vm, "running")).reboots).toBe(1);
});

test("stop asks QEMU to quit; it is off without a reason", async () => {
  const { vm, qemu } = await booted();
  const stopping = vm.stop();
  await expect.poll(() => qemu.commands.at(-1)).toBe("quit");
  qemu.say({ type: "exit", status: 0 });
  await stopping;
  expect(vm.info).toMatchObject({ state: "off" });
  expect(vm.info.reason).toBeUndefined();
  expect(() => vm.checkDelete()).not.toThrow();
});

test("stop ends a Worker whose QEMU does not quit", async () => {
  const { vm, qemu } = await booted();
  await vm.stop();
  expect([vm.info.state, qemu.terminated]).toEqual(["off", true]);
});

test("stop while the engine loads", async () => {
  const vm = makeVm();
  const starting = vm.start();
  await vm.stop();
  await expect(starting).rejects.toMatchObject({ code: "vm-state" });
  expect(vm.info.state).toBe("off");
  await booted(0, vm);
});

test("an action that does not apply is refused in words", async () => {
  const { vm } = await booted();
  await expect(vm.start()).rejects.toMatchObject({ code: "vm-state", message: "The VM is running." });
  expect(() => vm.checkDelete()).toThrow("Turn the VM off first.");
  await expect(makeVm().stop()).rejects.toThrow("The VM is off.");
});

const job = { signal: forever, progress: () => undefined };
const words = { name: "", description: "" };

test("a VM that couldn't be started as it is now isn't kept: a disk came since", async () => {
  const file = { from: "user", name: "d" };
  const { vm } = await booted(0, makeVm({}, { d: new Blob(["disk"]) }));
  const disks = [{ file, format: "raw", access: "persistent" }];
  vm.change({ ...vm.record, profile: parseProfile({ ...vm.record.profile, disks }) });
  await expect(vm.snapshot(words, job)).rejects.toMatchObject({
    code: "snapshot-unfit",
    message: /Disks or network adapters came or went/,
  });
});

test("a VM that is off is kept when it has disks", async () => {
  expect(makeVm().info.disabled.snapshot).toBe("The VM is off, and has no disk to keep.");
  const disks = [{ file: { from: "user", name: "d" }, format: "raw" }];
  expect(makeVm({ disks }, { d: new Blob(["disk"]) }).info.disabled.snapshot).toBeUndefined();
});
