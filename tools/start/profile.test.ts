import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { Profile } from "../../src/model/profile.ts";
import { parseOptions } from "./options.ts";
import { requestOf } from "./profile.ts";

const folder = mkdtempSync(join(tmpdir(), "qemuweb-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "raw.img"), "boot");
writeFileSync(join(folder, "disk.img"), Buffer.from("QFI\xfb....", "latin1"));

const quick: Profile = {
  version: 2,
  name: "Quick VM",
  arch: "x86_64",
  machine: "microvm",
  cpu: "max",
  smp: 1,
  memory: 128,
  boot: { kernel: { from: "guest", guest: "quick", name: "vmlinux" }, append: "quiet" },
  disks: [],
  serials: [{ id: "serial0", kind: "isa" }],
  display: "none",
  pointer: "tablet",
  sound: "none",
  rng: true,
  agent: true,
  nics: [],
  extraArgs: [],
};
const request = (...argv: string[]) => requestOf(parseOptions(argv), quick, folder);

it("is the quick VM without --kernel and --disk", () => {
  expect(request()).toEqual({ profile: quick, files: {} });
  const { profile } = request("--memory", "64", "--append", "debug", "--extra", "-S");
  expect(profile).toMatchObject({ memory: 64, boot: { append: "quiet debug" }, extraArgs: ["-S"] });
});

it("boots a kernel of the user's", () => {
  const { profile, files } = request("--kernel", "vmlinuz", "--initrd", "/tmp/i.cpio", "--append", "console=ttyS0 x");
  expect(profile.boot).toEqual({
    kernel: { from: "user", name: "vmlinuz" },
    initrd: { from: "user", name: "i.cpio" },
    append: "console=ttyS0 x",
  });
  expect(profile).toMatchObject({ machine: "q35", memory: 512, name: "vmlinuz" });
  expect(files).toEqual({ vmlinuz: join(folder, "vmlinuz"), "i.cpio": "/tmp/i.cpio" });
});

it("boots a disk by its firmware, and tells its format from the file", () => {
  const { profile, files } = request("--disk", "raw.img,readonly", "--disk", "disk.img", "--cdrom", "/other/disk.img");
  expect(profile.boot).toBeUndefined();
  expect(profile.disks).toMatchObject([
    { file: { name: "raw.img" }, format: "raw", access: "readonly" },
    { file: { name: "disk.img" }, format: "qcow2", access: "snapshot" },
  ]);
  expect(profile.cdrom).toEqual({ from: "user", name: "2-disk.img" });
  expect(files["2-disk.img"]).toBe("/other/disk.img");
});
