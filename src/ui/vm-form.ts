import type { ImageId, ImageInfo } from "../engine/api.ts";
import { parseProfile } from "../model/parse-profile.ts";
import type { DirectBoot, DiskSource, DisplayType, FileRef, MachineType, Profile } from "../model/profile.ts";
import { type DiskForm, type DiskProblems, diskOf, diskProblems, emptyDisk, wantsDisk } from "./disk-form.ts";
import { splitWords } from "./words.ts";

/** The dialog's fields as they are typed. */
export interface NewVmForm {
  name: string;
  machine: MachineType;
  memory: string;
  smp: string;
  kernel?: File | undefined;
  initrd?: File | undefined;
  append: string;
  disk: DiskForm;
  /** A file, or an image of the library: empty while none is chosen. */
  cdrom?: File | { image: ImageId } | undefined;
  serial: "isa" | "virtio";
  display: DisplayType;
  pointer: Profile["pointer"];
  sound: Profile["sound"];
  extra: string;
}

export type Problems = Partial<Record<Exclude<keyof NewVmForm, "disk">, string>> & { disk?: DiskProblems };
export type NewVm = { profile: Profile; files: Record<string, Blob> };

/** The kernel's console for each kind of serial port. */
export const CONSOLES: Record<NewVmForm["serial"], string> = { isa: "console=ttyS0", virtio: "console=hvc0" };

export function emptyForm(name: string): NewVmForm {
  return {
    name,
    machine: "q35",
    memory: "512",
    smp: "1",
    append: CONSOLES.isa,
    disk: emptyDisk("file"),
    serial: "isa",
    display: "std",
    pointer: "tablet",
    sound: "none",
    extra: "",
  };
}

/** Changes a field, and those that hang on it as long as the user has not touched them. */
export function changeForm(form: NewVmForm, change: Partial<NewVmForm>): NewVmForm {
  const next = { ...form, ...change };
  if (change.serial && form.append === CONSOLES[form.serial] && change.append === undefined) {
    next.append = CONSOLES[change.serial];
  }
  if (change.machine === "microvm") {
    next.disk = { ...next.disk, interface: "virtio" };
    next.display = "none";
  }
  return next;
}

/** The image below the disk: the library's that was chosen, or the one that was made for it. */
type DiskImage = Pick<ImageInfo, "id" | "format">;

/**
 * The profile and its files, or a sentence for each field that keeps them from being. What no field is to blame for is thrown.
 * `image` is for a disk that comes from no file; without it the profile has no such disk yet.
 */
export function buildVm(form: NewVmForm, image?: DiskImage): NewVm | { problems: Problems } {
  const problems: Problems = {};
  const name = form.name.trim();
  if (!name) problems.name = "Give the VM a name.";
  const memory = wholeNumber(form.memory);
  if (memory === undefined || memory < 8) problems.memory = "Enter the memory as a whole number of MiB, at least 8.";
  const smp = wholeNumber(form.smp);
  if (smp === undefined || smp < 1 || smp > 8) problems.smp = "Enter a number of CPUs from 1 to 8.";
  const extra = splitWords(form.extra);
  if ("problem" in extra) problems.extra = extra.problem;
  if (form.initrd && !form.kernel) problems.kernel = "Choose a kernel too: an initrd is loaded with one.";
  else if (!form.kernel && !wantsDisk(form.disk) && !form.cdrom && !form.extra.trim()) {
    problems.kernel = "Choose a kernel, a disk or a CD-ROM: there is nothing to boot yet.";
  }
  if (form.machine === "microvm" && form.cdrom) {
    problems.cdrom = "A microvm has no CD-ROM drive: choose the machine q35 or pc.";
  } else if (form.cdrom && "image" in form.cdrom && !form.cdrom.image) problems.cdrom = "Choose an image.";
  if (form.machine === "microvm" && form.display !== "none") {
    problems.display = "A microvm has no display: choose none, or the machine q35 or pc.";
  }
  const disk = wantsDisk(form.disk) ? diskProblems(form.disk, form.machine) : {};
  if (Object.keys(disk).length > 0) problems.disk = disk;
  if (Object.keys(problems).length > 0 || memory === undefined || smp === undefined || "problem" in extra) {
    return { problems };
  }

  const files: Record<string, Blob> = {};
  const store = (file: File): FileRef => {
    const known = Object.keys(files).find((key) => files[key] === file);
    const ref: FileRef = { from: "user", name: known ?? freeKey(file.name, files) };
    files[ref.name] = file;
    return ref;
  };
  const cdrom = (from: File | { image: ImageId }): DiskSource =>
    from instanceof File ? store(from) : { from: "image", id: from.image };
  const boot = form.kernel && directBoot(store(form.kernel), form.initrd && store(form.initrd), form.append);
  const below = form.disk.origin === "file" ? form.disk.file && store(form.disk.file) : image;
  const profile = parseProfile({
    name,
    machine: form.machine,
    smp,
    memory,
    boot,
    disks: below ? [diskOf(form.disk, below)] : [],
    cdrom: form.cdrom && cdrom(form.cdrom),
    serials: [{ id: "serial0", kind: form.serial }],
    display: form.display,
    pointer: form.pointer,
    sound: form.display === "none" ? "none" : form.sound,
    extraArgs: extra.words,
  });
  return { profile, files };
}

function directBoot(kernel: FileRef, initrd: FileRef | undefined, append: string): DirectBoot {
  const boot: DirectBoot = { kernel, append: append.trim() };
  if (initrd) boot.initrd = initrd;
  return boot;
}

function wholeNumber(text: string): number | undefined {
  return /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}

/** Two files of the same name get different keys. */
function freeKey(name: string, files: Record<string, Blob>): string {
  let key = name;
  for (let n = 2; key in files; n++) key = `${n}-${name}`;
  return key;
}
