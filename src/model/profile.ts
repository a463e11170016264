/**
 * A VM's configuration as plain, versioned data. It holds no QEMU flag: `src/qemu/args.ts` turns it into a command line.
 * Blobs (the user's own kernel, disks ...) live beside it, named by `FileRef`.
 */
export const PROFILE_VERSION = 2;

/** The name of a file: one of the user's, stored with the VM, or one that ships with a built-in guest. */
export type FileRef = { from: "user"; name: string } | { from: "guest"; guest: "quick"; name: string };

/** Where a disk's image is: a file, or one of the library's images by its id. */
export type DiskSource = FileRef | { from: "image"; id: string };

export type MachineType = "q35" | "pc" | "microvm";

export interface DirectBoot {
  kernel: FileRef;
  initrd?: FileRef;
  /** Kernel command line. */
  append: string;
}

export const DISK_FORMATS = ["raw", "qcow2", "vmdk", "vdi", "vhdx", "vpc"] as const;
export type DiskFormat = (typeof DISK_FORMATS)[number];

/** Whether images of that format are only read: what is written to a disk lies in a qcow2 image of ours above its own. */
export function isLayered(format: DiskFormat): boolean {
  return format !== "raw" && format !== "qcow2";
}

export interface Disk {
  /**
   * Names the disk to QEMU, and its changes among those of the VM: unique there, and the disk's for good, wherever it stands
   * in the list.
   */
  id: string;
  file: DiskSource;
  format: DiskFormat;
  interface: "virtio" | "ide" | "scsi" | "nvme";
  /**
   * `persistent`: what the guest writes is kept beside the file, which never changes. `snapshot`: it is gone at power-off.
   * `readonly`: the guest sees a read-only disk.
   */
  access: "persistent" | "snapshot" | "readonly";
}

export type NicModel = "virtio" | "e1000" | "e1000e" | "rtl8139";

/** A network adapter. There is no network to put it on yet: the guest sees its cable unplugged. */
export interface Nic {
  /** Names it to QEMU: `nic0` ... */
  id: string;
  model: NicModel;
  /** Its hardware address, `52:54:00:12:34:56`: not a group's, small letters. */
  mac: string;
}

export interface SerialPort {
  /** Names the console in the API and the UI: `serial0` ... */
  id: string;
  kind: "isa" | "virtio";
}

/** The graphics card: standard VGA (VESA), virtio-gpu with VGA, Cirrus for old systems. */
export type DisplayType = "none" | "std" | "virtio" | "cirrus";

export interface Profile {
  version: typeof PROFILE_VERSION;
  name: string;
  arch: "x86_64";
  machine: MachineType;
  /** QEMU CPU model, e.g. `max` or `qemu64`. */
  cpu: string;
  /** q35 and pc: the HPET timer; absent means true. A guest that has a better clock saves probing it. */
  hpet?: boolean;
  smp: number;
  /** Guest RAM, MiB. */
  memory: number;
  boot?: DirectBoot;
  disks: Disk[];
  /** What is in the CD-ROM drive; `null`: nothing. A machine without it has no drive. */
  cdrom?: DiskSource | null;
  serials: SerialPort[];
  display: DisplayType;
  /** Of a VM with a display: a tablet is told positions, a mouse movements, for which the viewer captures the pointer. */
  pointer: "tablet" | "mouse";
  /** Of a VM with a display: Intel HD Audio, which also sounds the PC speaker's beeps; output only. */
  sound: "none" | "hda";
  rng: boolean;
  /** A port for the guest's agent (qemu-ga), which is asked to shut the guest down where it runs. */
  agent: boolean;
  nics: Nic[];
  /** Further QEMU arguments, already split into words; appended last. */
  extraArgs: string[];
}
