import { expect, test } from "vitest";
import { QemuWebError } from "../core/errors.ts";
import { parseProfile } from "../model/parse-profile.ts";
import { translationBuffer } from "./args/machine.ts";
import { commandLine } from "./args.ts";

const DEVICES = [
  ...["virtio-blk", "virtio-scsi", "virtio-serial", "virtio-rng"].flatMap((stem) => [`${stem}-pci`, `${stem}-device`]),
  ...["virtio-keyboard-pci", "virtio-mouse-pci", "virtio-tablet-pci", "VGA", "virtio-vga", "cirrus-vga"],
  ...["qemu-xhci", "usb-tablet", "virtconsole", "scsi-hd", "ide-hd", "ide-cd", "nvme", "pvpanic-pci"],
  ...["virtio-net-pci", "virtio-net-device", "e1000", "e1000e", "rtl8139"],
  ...["virtserialport", "vmgenid", "intel-hda", "hda-output"],
];
const BUILD = { machines: ["q35", "pc", "microvm"], devices: DEVICES };

function build(change: object, engine = BUILD) {
  const { args, ...rest } = commandLine(parseProfile({ name: "t", ...change }), engine);
  return { line: args.join(" "), args, ...rest };
}
function refusal(change: object, engine = BUILD) {
  try {
    return build(change, engine).line;
  } catch (thrown) {
    return thrown instanceof QemuWebError && thrown.code === "profile-invalid" ? thrown.message : thrown;
  }
}
const user = (name: string) => ({ from: "user", name });
const mac = (n: number) => `52:54:00:00:00:0${n}`;
const disk = (change: object = {}) => ({ file: user("d.img"), format: "raw", ...change });

test("the quick VM's line, whole", () => {
  const boot = { kernel: user("vmlinux"), initrd: user("initrd"), append: "console=ttyS0 a=1,2" };
  expect(build({ boot, hpet: false }).args).toEqual([
    ...["-nodefaults", "-no-user-config", "-L", "/firmware"],
    ...[
      "-machine",
      "q35,sata=off,smbus=off,hpet=off",
      "-accel",
      "tcg,thread=single,tb-size=256",
      "-cpu",
      "max",
      "-smp",
      "1",
      "-m",
      "512M",
    ],
    ...["-chardev", "web,id=serial0", "-serial", "chardev:serial0"],
    ...["-device", "virtio-serial-pci", "-chardev", "web,id=agent"],
    ...["-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0,id=agent0"],
    ...["-display", "none"],
    ...["-chardev", "web,id=qmp", "-object", "monitor-qmp,id=monitor,chardev=qmp"],
    ...["-action", "panic=pause,reboot=reset,shutdown=poweroff"],
    ...["-device", "pvpanic-pci", "-device", "vmgenid,guid=auto"],
    ...["-object", "rng-builtin,id=rng0", "-device", "virtio-rng-pci,rng=rng0"],
    ...["-device", "pcie-root-port,id=port0,chassis=1", "-device", "pcie-root-port,id=port1,chassis=2"],
    ...["-kernel", "/files/0-vmlinux", "-initrd", "/files/1-initrd", "-append", "console=ttyS0 a=1,2"],
  ]);
});

test("a sound card, and the PC speaker, play by our backend", () => {
  const { line } = build({ display: "std", sound: "hda" });
  expect(line).toContain("-machine q35,pcspk-audiodev=sound0");
  expect(line).toContain("-audiodev web,id=sound0,out.frequency=48000");
  expect(line).toContain("-device intel-hda -device hda-output,audiodev=sound0");
  expect(refusal({ sound: "hda" })).toBe("A VM without a display has no sound.");
});

test("the engine chooses how many threads several CPUs have", () => {
  expect(build({ smp: 2, memory: 64 }).line).toContain("-accel tcg,tb-size=64 ");
});

test("the translation buffer is half as large as the guest's memory, within bounds", () => {
  expect([16, 128, 300, 512, 3000].map(translationBuffer)).toEqual([64, 64, 150, 256, 256]);
});

test("an -accel of the user's own is the only one", () => {
  const { args } = build({ extraArgs: ["-accel", "tcg,jit-threshold=0"] });
  expect(args.filter((word) => word === "-accel")).toHaveLength(1);
  expect(args).toContain("tcg,jit-threshold=0");
});

test("says which files it needs, and which disks it wants served", () => {
  const { files, disks } = build({
    boot: { kernel: user("k"), append: "" },
    disks: [disk({ access: "persistent", format: "qcow2" })],
    cdrom: user("c.iso"),
  });
  expect(files).toEqual([{ ref: user("k"), path: "/files/0-k" }]);
  expect(disks).toEqual([
    { id: "disk0", ref: user("d.img"), format: "qcow2", persistent: true },
    { id: "cdrom0", ref: user("c.iso"), format: "raw", persistent: false },
  ]);
});

test("a disk on each interface", () => {
  const disks = ["virtio", "ide", "scsi", "nvme"].map((name) => disk({ interface: name, file: user(name) }));
  const { line } = build({ disks });
  expect(line).toContain("-device virtio-scsi-pci,id=scsi0 -drive");
  expect(line).toContain(
    "-drive if=none,id=disk0,file.driver=web,file.device=disk0,format=raw,werror=stop,rerror=stop,discard=unmap",
  );
  for (const device of ["virtio-blk-pci", "ide-hd", "scsi-hd"])
    expect(line).toMatch(new RegExp(`${device},drive=disk\\d`));
  expect(line).toContain("-device nvme,drive=disk3,bootindex=5,serial=disk3");
});

test("an image in a format that is only read lies below a qcow2 image of ours", () => {
  const layered = (access: string) => build({ disks: [disk({ format: "vmdk", access })] });
  const below = "backing.driver=vmdk,backing.file.driver=web,backing.file.device=disk0.image";
  for (const access of ["persistent", "snapshot"]) {
    const { line, disks } = layered(access);
    expect(line).toContain(`file.device=disk0,format=qcow2,${below},werror=stop,rerror=stop,discard=unmap`);
    expect(disks).toMatchObject([{ id: "disk0", format: "vmdk", persistent: true }]);
  }
  const { line, disks } = layered("readonly");
  expect(line).toContain(`file.device=disk0,format=qcow2,${below},werror=stop,rerror=stop,readonly=on`);
  expect(disks).toMatchObject([{ persistent: false }]);
});

test("a read-only disk, and one that keeps its changes", () => {
  const { line } = build({ disks: [disk({ format: "qcow2", access: "readonly" }), disk({ access: "persistent" })] });
  expect(line).toContain("file.device=disk0,format=qcow2,werror=stop,rerror=stop,readonly=on");
  expect(line).toContain("file.device=disk1,format=raw,werror=stop,rerror=stop,discard=unmap");
});

test("a CD-ROM boots before the disks, and its boot loader writes to the serial port", () => {
  const { line } = build({ disks: [disk()], cdrom: user("live.iso") });
  expect(line).toContain("-machine q35,graphics=off");
  expect(line).toContain("file.device=cdrom0,format=raw,werror=stop,rerror=stop,media=cdrom,readonly=on");
  expect(line).toContain("ide-cd,id=cdrom0-drive,drive=cdrom0,bootindex=1,bus=ide.0");
  expect(line).toContain("virtio-blk-pci,drive=disk0,bootindex=2");
});

test("network adapters, before the places for what comes later, and without a network", () => {
  const models = ["virtio", "e1000", "e1000e", "rtl8139"].map((model, n) => ({ model, mac: mac(n) }));
  const { line } = build({ nics: models });
  expect(line).toContain(
    `-device virtio-net-pci,id=nic0,mac=${mac(0)},romfile= -device e1000,id=nic1,mac=${mac(1)},romfile= -device e1000e`,
  );
  expect(line).toMatch(/-device rtl8139,id=nic3,\S+ -device pcie-root-port/);
  expect(line).not.toContain("netdev");
  const micro = build({ machine: "microvm", nics: [{ model: "virtio", mac: mac(1) }] });
  expect(micro.line).toContain(`-device virtio-net-device,id=nic0,mac=${mac(1)}`);
});

test("microvm has virtio-mmio devices and no PCI", () => {
  const serials = [
    { id: "serial0", kind: "isa" },
    { id: "hvc0", kind: "virtio" },
  ];
  const { line } = build({ machine: "microvm", serials, disks: [disk()] });
  expect(line).toContain("-device virtio-serial-device -device virtconsole,chardev=hvc0 -chardev web,id=agent");
  expect(line).toContain("-device virtio-blk-device,drive=disk0");
  expect(line).toContain("-device virtio-rng-device,rng=rng0");
  expect(line).not.toMatch(/pci|pvpanic|vmgenid/);
});

test("extra arguments come last, word by word", () => {
  expect(build({ extraArgs: ["-d", "int, cpu"] }).args.slice(-2)).toEqual(["-d", "int, cpu"]);
});

test.each([
  ["a CD-ROM on microvm", { machine: "microvm", cdrom: user("c") }, "The machine microvm has no bus for a CD-ROM."],
  [
    "IDE on microvm",
    { machine: "microvm", disks: [disk({ interface: "ide" })] },
    "The machine microvm has no bus for an IDE disk.",
  ],
  [
    "an e1000 on microvm",
    { machine: "microvm", nics: [{ model: "e1000" }] },
    "The machine microvm has no bus for the network adapter e1000.",
  ],
  [
    "a read-only IDE disk",
    { disks: [disk({ interface: "ide", access: "readonly" })] },
    "An IDE disk cannot be read-only.",
  ],
  [
    "more IDE disks than there are places",
    { machine: "pc", disks: Array.from({ length: 5 }, () => disk({ interface: "ide" })) },
    "The machine pc has 4 places for IDE disks and CD-ROMs.",
  ],
  [
    "two ISA ports on microvm",
    { machine: "microvm", serials: ["a", "b"].map((id) => ({ id, kind: "isa" })) },
    "The machine microvm has 1 ISA serial port, and the profile asks for 2.",
  ],
])("refuses %s", (_what, change, message) => {
  expect(refusal(change)).toBe(message);
});

test("refuses what the build lacks", () => {
  const bare = { machines: ["pc"], devices: [] };
  expect(refusal({}, bare)).toBe("This engine was built without the machine q35.");
  expect(refusal({ machine: "pc" }, bare)).toBe("This engine was built without the device virtio-rng-pci.");
  expect(refusal({ machine: "pc", rng: false }, bare)).not.toContain("pvpanic");
  const nics = [{ model: "rtl8139" }];
  expect(refusal({ machine: "pc", rng: false, agent: false, nics }, bare)).toContain("without the device rtl8139");
});

test("a display is a card of its kind and a pointer that the guest will know", () => {
  expect(build({ display: "std" }).line).toContain("-display web -device VGA -device qemu-xhci -device usb-tablet");
  expect(build({ display: "cirrus", pointer: "mouse" }).line).toMatch(/-device cirrus-vga -chardev/);
  expect(build({ display: "virtio" }).line).toContain(
    "-device virtio-vga -device virtio-keyboard-pci -device virtio-tablet-pci",
  );
  expect(build({ display: "virtio", pointer: "mouse" }).line).toContain("-device virtio-mouse-pci");
  expect(refusal({ display: "std", machine: "microvm" })).toMatch("microvm has no bus for a display");
});

test("the firmware writes to the serial port only when there is no screen", () => {
  expect(build({}).line).toContain("graphics=off");
  expect(build({ display: "std" }).line).not.toContain("graphics=off");
});
