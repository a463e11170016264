import { QemuWebError } from "../../core/errors.ts";
import { type DiskFormat, type DiskSource, type FileRef, isLayered, type MachineType } from "../../model/profile.ts";
import { imageDevice } from "../block.ts";

/** What the engine was built with: part of `engine/versions.json`. */
export interface EngineBuild {
  machines: string[];
  devices: string[];
}

/** A file that QEMU opens, copied into memory whole: a kernel, an initrd. */
export interface NeededFile {
  ref: FileRef;
  path: string;
}

/** A disk of ours (`file.driver=web`): whoever starts QEMU serves its bytes. */
export interface NeededDisk {
  /** Names the device to QEMU, and its changes among those of the VM. */
  id: string;
  ref: DiskSource;
  format: DiskFormat;
  /** What is written goes into its overlay. */
  persistent: boolean;
}

/** What the option groups share while a command line is made: the build's limits, and the files named so far. */
export class Plan {
  readonly files: NeededFile[] = [];
  readonly disks: NeededDisk[] = [];
  #ide = 0;

  constructor(
    readonly build: EngineBuild,
    readonly machine: MachineType,
  ) {}

  /** microvm has no PCI: its virtio devices sit on virtio-mmio. */
  get pci(): boolean {
    return this.machine !== "microvm";
  }

  /** The words for a device; a device that this build lacks is refused here, not by QEMU later. */
  device(name: string, properties: Record<string, string | number> = {}): string[] {
    if (!this.build.devices.includes(name)) {
      refuseProfile(`This engine was built without the device ${name}.`, "Choose another device in the VM's profile.");
    }
    return ["-device", options(name, properties)];
  }

  /** A virtio device by its stem, e.g. `virtio-blk`, on the bus that the machine has. */
  virtio(stem: string, properties: Record<string, string | number> = {}): string[] {
    return this.device(this.pci ? `${stem}-pci` : `${stem}-device`, properties);
  }

  /**
   * The words for an IDE disk or CD-ROM. q35's AHCI ports are buses of one unit each, and QEMU, left to itself, would try a
   * second unit on the first; pc's two buses have two units each.
   */
  ide(name: string, properties: Record<string, string | number>): string[] {
    const most = this.machine === "q35" ? 6 : 4;
    if (this.#ide === most) {
      refuseProfile(`The machine ${this.machine} has ${most} places for IDE disks and CD-ROMs.`, "Make disks virtio.");
    }
    const n = this.#ide++;
    const place = this.machine === "q35" ? { bus: `ide.${n}` } : { bus: `ide.${n >> 1}`, unit: n & 1 };
    return this.device(name, { ...properties, ...place });
  }

  /** The path at which QEMU will find `ref`; one file named twice is one file. */
  file(ref: FileRef): string {
    const known = this.files.find((file) => sameFile(file.ref, ref));
    if (known) return known.path;
    const path = `/files/${this.files.length}-${ref.name.replaceAll("/", "_")}`;
    this.files.push({ ref, path });
    return path;
  }

  /** The properties of a `-drive` whose bytes we serve. */
  drive(disk: NeededDisk): Record<string, string> {
    this.disks.push(disk);
    const { id, format } = disk;
    return {
      ...{ if: "none", id, "file.driver": "web", "file.device": id, format: isLayered(format) ? "qcow2" : format },
      ...(isLayered(format) && {
        ...{ "backing.driver": format, "backing.file.driver": "web", "backing.file.device": imageDevice(id) },
      }),
      // What can't be served pauses the VM until the user has seen to it, instead of breaking the guest's file system.
      ...{ werror: "stop", rerror: "stop" },
    };
  }
}

function sameFile(a: FileRef, b: FileRef): boolean {
  return a.from === b.from && a.name === b.name;
}

/** QEMU's `head,key=value,...`: a comma within a value is doubled (util/keyval.c, qemu-option.c). */
export function options(head: string, properties: Record<string, string | number>): string {
  const pairs = Object.entries(properties).map(([key, value]) => `${key}=${String(value).replaceAll(",", ",,")}`);
  return [head, ...pairs].filter((part) => part !== "").join(",");
}

export function refuseProfile(message: string, hint: string): never {
  throw new QemuWebError("profile-invalid", message, hint);
}
