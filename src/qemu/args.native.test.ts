import { execFile } from "node:child_process";
import { accessSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseProfile } from "../model/parse-profile.ts";
import { commandLine, NO_NETWORK } from "./args.ts";

/** What we believe of QEMU's options, checked against a real QEMU: it builds the machine, and quits before the guest runs. */
const QEMU = "qemu-system-x86_64";
const installed = (process.env.PATH ?? "").split(delimiter).some((folder) => {
  try {
    accessSync(join(folder, QEMU));
    return true;
  } catch {
    return false;
  }
});

const folder = mkdtempSync(join(tmpdir(), "qemuweb-args-"));
afterAll(() => rmSync(folder, { recursive: true }));

const DEVICES = ["virtio-blk", "virtio-scsi", "virtio-serial", "virtio-rng"].flatMap((stem) => [
  `${stem}-pci`,
  `${stem}-device`,
]);
const BUILD = {
  machines: ["q35", "pc", "microvm"],
  devices: [
    ...[...DEVICES, "virtio-keyboard-pci", "virtio-mouse-pci", "virtio-tablet-pci", "VGA", "virtio-vga", "cirrus-vga"],
    ...["qemu-xhci", "usb-tablet", "virtconsole", "scsi-hd", "ide-hd", "ide-cd", "nvme", "pvpanic-pci"],
    ...["virtserialport", "vmgenid", "virtio-net-pci", "virtio-net-device", "e1000", "e1000e", "rtl8139"],
  ],
};

/** QEMU's exit status and what it said. Our chardev and display, and QEMU 11's monitor object, which Debian's QEMU lacks, are replaced. */
function quit(profile: object, lines = "quit\n"): Promise<{ status: number; text: string; out: string }> {
  const { args, files, disks } = commandLine(parseProfile({ name: "t", cpu: "qemu64", memory: 64, ...profile }), BUILD);
  const here = args.map((word) =>
    word
      .replace(/^web,/, "null,")
      .replace(/^web$/, "none")
      .replace(/^monitor-qmp,.*/, "rng-builtin,id=monitor")
      .replace(/file\.driver=web,file\.device=/, `file.locking=off,file.filename=${folder}/`)
      .replace("/files/", `${folder}/`),
  );
  for (const { id } of disks) writeFileSync(join(folder, id), new Uint8Array(1 << 20));
  for (const { path } of files) writeFileSync(join(folder, path.slice("/files/".length)), new Uint8Array(1 << 20));
  return new Promise((resolve) => {
    const child = execFile(QEMU, [...here, "-S", "-monitor", "stdio"], (error, out, err) => {
      resolve({ status: typeof error?.code === "number" ? error.code : 0, text: err || out, out });
    });
    child.stdin?.end(lines);
  });
}

const user = (name: string) => ({ from: "user", name });
const disk = (name: string, change: object = {}) => ({ file: user(name), format: "raw", ...change });
const every = ["virtio", "ide", "scsi", "nvme"].map((kind) => disk(`a, ${kind}`, { interface: kind }));
const nics = ["virtio", "e1000", "e1000e", "rtl8139"].map((model) => ({ model }));
const serials = [
  { id: "serial0", kind: "isa" },
  { id: "hvc0", kind: "virtio" },
  { id: "hvc1", kind: "virtio" },
];

test.skipIf(!installed).each([
  ["nothing but defaults", {}],
  ["every disk interface and a CD-ROM on q35", { disks: every, cdrom: user("cd.iso"), serials }],
  ["every disk interface and a CD-ROM on pc", { machine: "pc", disks: every, cdrom: user("cd.iso"), serials, smp: 2 }],
  ["an empty CD-ROM drive", { cdrom: null }],
  ["all IDE places of q35", { disks: Array.from({ length: 6 }, (_, n) => disk(`${n}`, { interface: "ide" })) }],
  [
    "all IDE places of pc",
    { machine: "pc", disks: Array.from({ length: 4 }, (_, n) => disk(`${n}`, { interface: "ide" })) },
  ],
  [
    "read-only disks",
    { disks: ["virtio", "scsi", "nvme"].map((kind) => disk(kind, { interface: kind, access: "readonly" })) },
  ],
  ["standard VGA and a USB tablet on q35", { display: "std" }],
  ["standard VGA and a USB tablet on pc", { machine: "pc", display: "std" }],
  ["Cirrus and a PS/2 mouse", { machine: "pc", display: "cirrus", pointer: "mouse" }],
  ["virtio graphics and input", { display: "virtio" }],
  ["virtio graphics and a mouse", { display: "virtio", pointer: "mouse" }],
  ["virtio disks on microvm", { machine: "microvm", disks: [disk("v"), disk("s", { interface: "scsi" })], serials }],
  ["every network adapter on q35", { nics }],
  ["every network adapter on pc", { machine: "pc", nics }],
  ["a network adapter on microvm", { machine: "microvm", nics: [{ model: "virtio" }] }],
  ["a lean q35", { hpet: false, boot: { kernel: user("k"), append: "a,b" }, extraArgs: ["-kernel", "/dev/null"] }],
])("QEMU takes %s", async (what, profile) => {
  const { status, text } = await quit(profile);
  // An empty file is no kernel; everything before that was taken.
  if (what === "a lean q35") expect(text).toMatch(/kernel/);
  else expect(status, text).toBe(0);
});

test.skipIf(!installed)(
  "of adapters without a network QEMU says only what is expected, and unplugs their cables",
  async () => {
    const { text, out } = await quit({ nics }, `${nics.map((_, n) => `set_link nic${n} off\n`).join("")}quit\n`);
    const said = text.trim().split("\n");
    expect(said.filter((line) => !NO_NETWORK.test(line.trim()))).toEqual([]);
    expect(said).toHaveLength(nics.length);
    expect(out).not.toContain("Error");
  },
);

test.skipIf(!installed)("QEMU refuses what the builder refuses: a read-only IDE disk", async () => {
  const { status, text } = await quit({
    disks: [disk("i", { interface: "ide" })],
    extraArgs: ["-drive", `if=none,id=x,file=${folder}/disk0,format=raw,readonly=on`, "-device", "ide-hd,drive=x"],
  });
  expect(status).not.toBe(0);
  expect(text).toMatch(/read-only/);
});
