import { expect, test } from "vitest";
import { QemuWebError } from "../core/errors.ts";
import { quickProfile } from "./builtin.ts";
import { parseProfile } from "./parse-profile.ts";
import old from "./testing/profile-v1.json" with { type: "json" };

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
    version: 2,
    name: "a",
    arch: "x86_64",
    machine: "q35",
    cpu: "max",
    smp: 1,
    memory: 512,
    disks: [],
    serials: [{ id: "serial0", kind: "isa" }],
    display: "none",
    pointer: "tablet",
    sound: "none",
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
    disks: [{ id: "d", file: { from: "image", id: "x-y" }, format: "qcow2", interface: "nvme", access: "readonly" }],
    extraArgs: ["-d", "int"],
  };
  expect(parseProfile(full)).toEqual(full);
  expect(parseProfile({ ...full, cdrom: null })).toEqual({ ...full, cdrom: null });
});

test("a profile of version 1 keeps its disks' changes, which were named by their place", () => {
  const profile = parseProfile(old);
  expect(profile).toMatchObject({
    ...old,
    version: 2,
    disks: old.disks.map((disk, n) => ({ id: `disk${n}`, ...disk })),
  });
});

test("a disk without an id gets one that is free", () => {
  const ids = (disks: object[], taken: string[] = []) =>
    parseProfile({ name: "a", disks }, taken).disks.map((d) => d.id);
  expect(ids([D({}), D({ id: "disk0" }), D({})])).toEqual(["disk1", "disk0", "disk2"]);
  expect(ids([D({ id: "disk2" }), D({})], ["disk0", "disk1"])).toEqual(["disk2", "disk3"]);
});

test.each([
  ["nothing", undefined, "The profile's whole is not an object."],
  ["no name", {}, "The profile's name is not text."],
  ["a blank name", { name: " " }, "The profile's name is empty."],
  ["a later version", { name: "a", version: 3 }, "The profile's version is 3."],
  ["an unknown field", { name: "a", memmory: 1 }, "The profile's memmory is not known."],
  ["an unknown machine", { name: "a", machine: "virt" }, 'The profile\'s machine is "virt".'],
  ["half a MiB", { name: "a", memory: 0.5 }, "The profile's memory is not a whole number."],
  ["no CPU", { name: "a", smp: 0 }, "The profile's smp is 0."],
  ["a CPU with a space", { name: "a", cpu: "max -S" }, "The profile's cpu is not a CPU model."],
  ["serials of one id", { name: "a", serials: [S("s"), S("s")] }, "The profile's serials have the id s twice."],
  ["the id of the monitor", { name: "a", serials: [S("qmp")] }, "The profile's serials[0].id is the engine's own."],
  ["a NUL", { name: "a", extraArgs: ["a\0"] }, "The profile's extraArgs[0] has a NUL character."],
  ["a disk format", { name: "a", disks: [D({ format: "dmg" })] }, 'The profile\'s disks[0].format is "dmg".'],
  [
    "disks of one id",
    { name: "a", disks: [D({ id: "a" }), D({ id: "a" })] },
    "The profile's disks have the id a twice.",
  ],
  ["a CD's id", { name: "a", disks: [D({ id: "cdrom0" })] }, "The profile's disks[0].id is not a disk's id."],
  ["an image without id", { name: "a", cdrom: { from: "image" } }, "The profile's cdrom.id is not text."],
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
