import { expect, test } from "vitest";
import { type DiskForm, emptyDisk } from "./disk-form.ts";
import { buildVm, changeForm, emptyForm, type NewVmForm } from "./vm-form.ts";

const file = (name: string, text = name) => new File([text], name);

const fromFile = (file: File, change: Partial<DiskForm> = {}): DiskForm => ({ ...emptyDisk("file"), file, ...change });

function built(change: Partial<NewVmForm>) {
  const result = buildVm({ ...emptyForm("Box"), ...change });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result;
}

function problems(change: Partial<NewVmForm>) {
  const result = buildVm({ ...emptyForm("Box"), ...change });
  return "problems" in result ? result.problems : {};
}

test("kernel, initrd, disk and CD-ROM become a profile that names its files", () => {
  const [kernel, initrd, disk, cdrom] = [file("vmlinuz"), file("initrd.img"), file("d.qcow2"), file("cd.iso")];
  const { profile, files } = built({
    name: " Box ",
    memory: "8192",
    smp: " 2 ",
    kernel,
    initrd,
    disk: fromFile(disk, { format: "qcow2", access: "readonly" }),
    cdrom,
    extra: `-name "a b"`,
  });
  expect(profile).toEqual({
    version: 2,
    name: "Box",
    arch: "x86_64",
    machine: "q35",
    cpu: "max",
    smp: 2,
    memory: 8192,
    boot: {
      kernel: { from: "user", name: "vmlinuz" },
      initrd: { from: "user", name: "initrd.img" },
      append: "console=ttyS0",
    },
    disks: [
      {
        id: "disk0",
        file: { from: "user", name: "d.qcow2" },
        format: "qcow2",
        interface: "virtio",
        access: "readonly",
      },
    ],
    cdrom: { from: "user", name: "cd.iso" },
    serials: [{ id: "serial0", kind: "isa" }],
    display: "std",
    pointer: "tablet",
    sound: "none",
    rng: true,
    agent: true,
    nics: [],
    extraArgs: ["-name", "a b"],
  });
  expect(files).toEqual({ vmlinuz: kernel, "initrd.img": initrd, "d.qcow2": disk, "cd.iso": cdrom });
});

test("disk and CD-ROM may be images of the library, whose format it is then", () => {
  const form = { ...emptyForm("Box"), disk: emptyDisk("blank"), cdrom: { image: "cd" } };
  expect(buildVm(form, { id: "made", format: "qcow2" })).toMatchObject({
    profile: {
      disks: [{ id: "disk0", file: { from: "image", id: "made" }, format: "qcow2", access: "persistent" }],
      cdrom: { from: "image", id: "cd" },
    },
    files: {},
  });
  expect(problems({ disk: emptyDisk("url") }).disk).toHaveProperty("url");
});

test("different files of one name don't overwrite each other, the same file is stored once", () => {
  const disk = file("disk.img", "a");
  const other = built({ disk: fromFile(disk), cdrom: file("disk.img", "b") });
  expect(Object.keys(other.files)).toEqual(["disk.img", "2-disk.img"]);
  expect(other.profile.cdrom).toEqual({ from: "user", name: "2-disk.img" });
  expect(Object.keys(built({ disk: fromFile(disk), cdrom: disk }).files)).toEqual(["disk.img"]);
});

test("each field that is wrong has its sentence", () => {
  const wrong = { name: " ", memory: "lots", smp: "0", extra: "'", initrd: file("initrd") };
  const said = problems(wrong);
  expect(Object.keys(said).sort()).toEqual(["extra", "kernel", "memory", "name", "smp"]);
  for (const sentence of Object.values(said)) expect(sentence).toMatch(/^[A-Z].*\.$|add '/);
  expect(problems({ memory: "1.5", disk: fromFile(file("d")) }).memory).toBeDefined();
});

test("there must be something to boot, or extra arguments that say what", () => {
  expect(problems({}).kernel).toMatch(/nothing to boot/);
  expect(problems({ extra: "-device isa-debug-exit" })).toEqual({});
});

test("a microvm has neither CD-ROM nor IDE nor a display", () => {
  const disk = fromFile(file("d"), { interface: "ide" });
  const said = problems({ machine: "microvm", disk, cdrom: file("c") });
  expect(Object.keys(said).sort()).toEqual(["cdrom", "disk", "display"]);
  const changed = changeForm({ ...emptyForm("x"), disk }, { machine: "microvm" });
  expect(changed).toMatchObject({ disk: { interface: "virtio" }, display: "none" });
});

test("the kernel's console follows the serial port until it is edited", () => {
  const form = changeForm(emptyForm("x"), { serial: "virtio" });
  expect(form.append).toBe("console=hvc0");
  const edited = changeForm({ ...form, append: "quiet" }, { serial: "isa" });
  expect(edited.append).toBe("quiet");
});
