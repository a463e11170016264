import { expect, test } from "vitest";
import { QemuWebError } from "../core/errors.ts";
import { quickProfile } from "./builtin.ts";
import { parseProfile } from "./parse-profile.ts";

function refusal(value: unknown): string {
  try {
    parseProfile(value);
  } catch (thrown) {
    if (thrown instanceof QemuWebError && thrown.code === "profile-invalid" && thrown.hint) return thrown.message;
    throw thrown;
  }
  return "accepted";
}

test("fills in what is left out", () => {
  expect(parseProfile({ name: "a" })).toEqual({
    version: 1,
    name: "a",
    arch: "x86_64",
    machine: "q35",
    cpu: "max",
    smp: 1,
    memory: 512,
    disks: [],
    serials: [{ id: "serial0", kind: "isa" }],
    rng: true,
    agent: true,
    nics: [],
    extraArgs: [],
  });
});

const guest = {
  cpu: "qemu64,+ssse3",
  memoryMiB: 512,
  kernel: "quick/vmlinux",
  initrd: "quick/initramfs.cpio",
  commandLine: "console=ttyS0",
  commandLineWithoutHostTsc: "tsc_early_khz=1000000",
};

test("gives back what it was given, and the quick VM passes", () => {
  const quick = quickProfile(guest);
  expect(parseProfile(quick)).toEqual(quick);
  expect(quick.boot?.kernel).toEqual({ from: "guest", guest: "quick", name: "vmlinux" });
  const full = {
    ...quick,
    cdrom: { from: "user", name: "a, b.iso" },
    disks: [{ file: { from: "user", name: "d" }, format: "qcow2", interface: "nvme", access: "readonly" }],
    extraArgs: ["-d", "int"],
  };
  expect(parseProfile(full)).toEqual(full);
});

test.each([
  ["nothing", undefined, "The profile's whole is not an object."],
  ["no name", {}, "The profile's name is not text."],
  ["a blank name", { name: " " }, "The profile's name is empty."],
  ["a later version", { name: "a", version: 2 }, "The profile's version is 2."],
  ["an unknown field", { name: "a", memmory: 1 }, "The profile's memmory is not known."],
  ["an unknown machine", { name: "a", machine: "virt" }, 'The profile\'s machine is "virt".'],
  ["half a MiB", { name: "a", memory: 0.5 }, "The profile's memory is not a whole number."],
  ["no CPU", { name: "a", smp: 0 }, "The profile's smp is 0."],
  ["a CPU with a space", { name: "a", cpu: "max -S" }, "The profile's cpu is not a CPU model."],
  ["NICs", { name: "a", nics: [{}] }, "The profile's nics are not empty."],
  ["serials of one id", { name: "a", serials: [S("s"), S("s")] }, "The profile's serials have the id s twice."],
  ["the id of the monitor", { name: "a", serials: [S("qmp")] }, "The profile's serials[0].id is the engine's own."],
  ["a NUL", { name: "a", extraArgs: ["a\0"] }, "The profile's extraArgs[0] has a NUL character."],
  ["a disk format", { name: "a", disks: [D({ format: "vmdk" })] }, 'The profile\'s disks[0].format is "vmdk".'],
  ["a path out of the guest", { name: "a", cdrom: G("../x") }, "The profile's cdrom.name is not a guest's file."],
  ["a kernel of nowhere", { name: "a", boot: { kernel: {} } }, "The profile's boot.kernel.from is undefined."],
])("refuses %s", (_what, value, message) => {
  expect(refusal(value)).toBe(message);
});

function S(id: string) {
  return { id, kind: "isa" };
}
function D(change: object) {
  return { file: { from: "user", name: "d" }, format: "raw", ...change };
}
function G(name: string) {
  return { from: "guest", guest: "quick", name };
}
