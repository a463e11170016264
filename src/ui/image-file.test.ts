import { expect, test } from "vitest";
import { guessDiskFormat, guessRole, HEAD_BYTES, readHead } from "./image-file.ts";

function head(offset = 0, magic = ""): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES);
  for (let i = 0; i < magic.length; i++) bytes[offset + i] = magic.charCodeAt(i);
  return bytes;
}

test("a disk's content wins over its name", () => {
  expect(guessDiskFormat("disk.img", head(0, "QFI\xfb"))).toBe("qcow2");
  expect(guessDiskFormat("disk.qcow2", head())).toBe("raw");
});

test("without content the name decides", () => {
  expect(guessDiskFormat("debian-13.QCOW2")).toBe("qcow2");
  expect(guessDiskFormat("disk.img")).toBe("raw");
  expect(guessDiskFormat("empty.qcow2", new Uint8Array())).toBe("qcow2");
});

test.each([
  ["a", head(0x202, "HdrS"), "kernel"],
  ["a", head(0x8001, "CD001"), "cdrom"],
  ["a", head(0, "070701"), "initrd"],
  ["a.iso", head(0, "QFI\xfb"), "disk"],
  ["debian.iso", head(), "cdrom"],
  ["initrd.img-6.12.0", head(), "initrd"],
  ["initramfs-linux.img", head(), "initrd"],
  ["rootfs.cpio.gz", head(), "initrd"],
  ["vmlinux", head(), "kernel"],
  ["disk.img", head(), "disk"],
  ["x", new Uint8Array(3), "disk"],
] as const)("%s is a guess by content, then by name", (name, bytes, role) => {
  expect(guessRole(name, bytes)).toBe(role);
});

test("only the head of a file is read", async () => {
  expect(await readHead(new Blob([new Uint8Array(HEAD_BYTES + 100)]))).toHaveLength(HEAD_BYTES);
  expect(await readHead(new Blob(["abc"]))).toHaveLength(3);
});
