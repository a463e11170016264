import type { DiskFormat } from "../model/profile.ts";

/** How much of a file the guesses below want to see: up to and with the ISO 9660 volume descriptor's magic. */
export const HEAD_BYTES = 0x8006;

/** What a file can be to a VM. */
export type FileRole = "kernel" | "initrd" | "cdrom" | "disk";

function has(head: Uint8Array, offset: number, magic: string): boolean {
  if (head.length < offset + magic.length) return false;
  return [...magic].every((c, i) => head[offset + i] === c.charCodeAt(0));
}

/** qcow2 by its magic (QEMU docs/interop/qcow2.rst: `QFI\xfb`), else by the name when there are no bytes to look at. */
export function guessDiskFormat(name: string, head?: Uint8Array): DiskFormat {
  if (head && head.length >= 4) return has(head, 0, "QFI\xfb") ? "qcow2" : "raw";
  return /\.(qcow2|qcow|img\.qcow2)$/i.test(name) ? "qcow2" : "raw";
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
