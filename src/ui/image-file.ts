import type { DiskFormat } from "../model/profile.ts";

/** How much of a file the guesses below want to see: up to and with the ISO 9660 volume descriptor's magic. */
export const HEAD_BYTES = 0x8006;

/** What a file can be to a VM. */
export type FileRole = "kernel" | "initrd" | "cdrom" | "disk";

function has(head: Uint8Array, offset: number, magic: string): boolean {
  if (head.length < offset + magic.length) return false;
  return [...magic].every((c, i) => head[offset + i] === c.charCodeAt(0));
}

/** How the formats begin (QEMU docs/interop/qcow2.rst, block/vmdk.c, block/vdi.c, block/vhdx.h, block/vpc.c). */
const MAGIC: [format: DiskFormat, offset: number, magic: string][] = [
  ["qcow2", 0, "QFI\xfb"],
  ["vmdk", 0, "KDMV"],
  ["vdi", 0x40, "\x7f\x10\xda\xbe"],
  ["vhdx", 0, "vhdxfile"],
  ["vpc", 0, "conectix"],
];
const EXTENSION: Record<string, DiskFormat> = { qcow2: "qcow2", qcow: "qcow2", vmdk: "vmdk", vdi: "vdi", vhdx: "vhdx" };

/** By its magic; by the name when there are no bytes to look at, and for a VHD, which may have its magic at its end. */
export function guessDiskFormat(name: string, head?: Uint8Array): DiskFormat {
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  if (extension === "vhd") return "vpc";
  if (!head || head.length < 4) return EXTENSION[extension] ?? "raw";
  return MAGIC.find(([, offset, magic]) => has(head, offset, magic))?.[0] ?? "raw";
}

/** What a dropped file most likely is: by content where formats have a magic, by name otherwise; a disk in doubt. */
export function guessRole(name: string, head: Uint8Array): FileRole {
  if (has(head, 0, "QFI\xfb")) return "disk";
  if (has(head, 0x202, "HdrS")) return "kernel"; // Linux Documentation/arch/x86/boot.rst
  if (has(head, 0x8001, "CD001")) return "cdrom"; // ECMA-119, volume descriptor
  if (has(head, 0, "070701") || has(head, 0, "070702")) return "initrd"; // cpio newc
  if (/\.iso$/i.test(name)) return "cdrom";
  if (/^(initrd|initramfs)|\.cpio(\.\w+)?$|[-.]initr(d|amfs)\b/i.test(name)) return "initrd";
  if (/^(vmlinu[xz]|bzimage|kernel)/i.test(name)) return "kernel";
  return "disk";
}

/** Reads the bytes that the guesses want. Rejects when the file can no longer be read. */
export async function readHead(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
}
