import type { BlankImage, ImageId, ImageInfo } from "../engine/api.ts";
import type { Disk, DiskFormat, FileRef, MachineType } from "../model/profile.ts";
import { formatBytes } from "./format.ts";
import { parseSize, type SizeText } from "./size-field.ts";

/** Where a disk's bytes come from: a file, an image of the library, or an image that is made for it. */
export type DiskOrigin = "file" | "image" | "blank" | "url";

/** The fields of a disk as they are typed. */
export interface DiskForm {
  origin: DiskOrigin;
  file?: File | undefined;
  image?: ImageId | undefined;
  url: string;
  size: SizeText;
  /** Of the file, or of the blank image. */
  format: DiskFormat;
  interface: Disk["interface"];
  access: Disk["access"];
}

export type DiskProblems = Partial<Record<keyof DiskForm, string>>;

export const INTERFACES = { virtio: "virtio", ide: "IDE or SATA", scsi: "SCSI", nvme: "NVMe" } as const;
export const ACCESS = {
  persistent: "Changes are kept",
  snapshot: "Changes are discarded at power-off",
  readonly: "Read-only",
} as const;
export const BLANK_FORMATS = { raw: "raw", qcow2: "qcow2" } as const;
export const FORMATS = {
  ...BLANK_FORMATS,
  vmdk: "vmdk (VMware)",
  vdi: "vdi (VirtualBox)",
  vhdx: "vhdx (Hyper-V)",
  vpc: "vhd (Virtual PC)",
} as const;

export function emptyDisk(origin: DiskOrigin): DiskForm {
  return {
    origin,
    url: "",
    size: { amount: "10", unit: "GiB" },
    format: "raw",
    interface: "virtio",
    access: "persistent",
  };
}

export function interfaceChoices(machine: MachineType, live = false): Partial<Record<Disk["interface"], string>> {
  const { virtio, nvme } = INTERFACES;
  if (machine === "microvm") return { virtio };
  return live ? { virtio, nvme } : INTERFACES;
}

/** `debian.qcow2 (qcow2, 8 GiB)`. */
export function describeImage(image: ImageInfo): string {
  return `${image.name} (${image.format}, ${formatBytes(image.virtualSize)})`;
}

/** Whether the form asks for a disk at all: one from a file may be left out. */
export function wantsDisk(form: DiskForm): boolean {
  return form.origin !== "file" || form.file !== undefined;
}

/** Why the form makes no disk, by field. */
export function diskProblems(form: DiskForm, machine: MachineType): DiskProblems {
  const problems: DiskProblems = {};
  if (form.origin === "image" && form.image === undefined) problems.image = "Choose an image.";
  if (form.origin === "url") {
    const problem = urlProblem(form.url);
    if (problem) problems.url = problem;
  }
  if (form.origin === "blank") {
    const size = parseSize(form.size);
    if (typeof size === "object") problems.size = size.problem;
  }
  if (machine === "microvm" && form.interface !== "virtio") {
    problems.interface = "A microvm has virtio disks only: choose virtio.";
  }
  return problems;
}

export function urlProblem(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (url?.protocol === "http:" || url?.protocol === "https:") return undefined;
  return "Enter the image's whole address, beginning with https:// or http://.";
}

/** A name for what is at an address: the end of its path. */
export function nameOfUrl(text: string): string {
  const url = URL.parse(text.trim());
  const end = url?.pathname.split("/").findLast(Boolean);
  if (end === undefined) return url?.hostname ?? "image";
  try {
    return decodeURIComponent(end);
  } catch {
    return end; // a stray percent sign
  }
}

/** The blank image that the form asks for, or undefined where it asks for another. */
export function blankImage(form: DiskForm, name: string): BlankImage | undefined {
  const virtualSize = parseSize(form.size);
  if (form.origin !== "blank" || typeof virtualSize === "object") return undefined;
  return { name, format: form.format === "qcow2" ? "qcow2" : "raw", virtualSize };
}

/** The disk over a file of the VM's own, or an image of the library. */
export function diskOf(form: DiskForm, from: FileRef | Pick<ImageInfo, "id" | "format">): Omit<Disk, "id"> {
  const format = "from" in from ? form.format : from.format;
  const file: Disk["file"] = "from" in from ? from : { from: "image", id: from.id };
  return { file, format, interface: form.interface, access: form.access };
}
