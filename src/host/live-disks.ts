import type { ImageLibrary } from "../block/image-library.ts";
import { QemuWebError } from "../core/errors.ts";
import type { Disk, DiskSource } from "../model/profile.ts";
import type { VmId, VmInfo } from "../model/vm.ts";
import { CDROM_ID } from "../qemu/args.ts";
import type { EngineFiles } from "./engine-files.ts";
import { guestDisk } from "./guest-files.ts";
import type { Registry } from "./registry.ts";
import type { VmRecord } from "./vm.ts";

export interface LiveDisksDeps {
  registry: Registry;
  engine: EngineFiles;
  images: Pick<ImageLibrary, "open">;
  /** Forgets what was written to a disk of a VM. */
  removeDisk(vm: VmId, disk: string): Promise<void>;
}

type Files = Record<string, Blob>;

/** Disks and CD-ROMs of VMs that run. The contract is `EngineApi`'s. */
export class LiveDisks {
  readonly #deps: LiveDisksDeps;

  constructor(deps: LiveDisksDeps) {
    this.#deps = deps;
  }

  attach(id: VmId, disk: Omit<Disk, "id">, files: Files): Promise<VmInfo> {
    const { registry, removeDisk } = this.#deps;
    const change = (profile: { disks: Disk[] }) => ({ ...profile, disks: [...profile.disks, disk] });
    return registry.changeLive(id, change, files, async (vm, record) => {
      const added = record.profile.disks.at(-1);
      if (!added) throw new QemuWebError("internal", "The disk got lost.", "This is a bug in QemuWeb.");
      vm.hotPlug.checkDisk(added);
      const persistent = added.access !== "readonly";
      const spec = await this.#spec(record, { id: added.id, ref: added.file, format: added.format, persistent });
      try {
        await vm.prepareDisk(added, record.files);
        await vm.hotPlug.attach(added, spec);
      } catch (thrown) {
        await removeDisk(id, added.id);
        throw thrown;
      }
    });
  }

  async detach(id: VmId, disk: string): Promise<VmInfo> {
    const { registry, removeDisk } = this.#deps;
    const change = (profile: { disks: Disk[] }) => {
      const disks = profile.disks.filter((other) => other.id !== disk);
      if (disks.length === profile.disks.length) throw noSuchDisk(disk);
      return { ...profile, disks };
    };
    const info = await registry.changeLive(id, change, {}, (vm) => vm.hotPlug.detach(disk));
    await removeDisk(id, disk);
    return info;
  }

  insert(id: VmId, file: DiskSource, files: Files): Promise<VmInfo> {
    const { registry } = this.#deps;
    if (registry.get(id).record.profile.cdrom === undefined) throw noDrive();
    const change = (profile: object) => ({ ...profile, cdrom: file });
    return registry.changeLive(id, change, files, async (vm, record) => {
      const medium = { id: CDROM_ID, ref: file, format: "raw", persistent: false } as const;
      await vm.hotPlug.insert(await this.#spec(record, medium));
    });
  }

  eject(id: VmId): Promise<VmInfo> {
    const { registry } = this.#deps;
    if (registry.get(id).record.profile.cdrom === undefined) throw noDrive();
    return registry.changeLive(
      id,
      (profile) => ({ ...profile, cdrom: null }),
      {},
      (vm) => vm.hotPlug.eject(),
    );
  }

  #spec({ id, files }: VmRecord, needed: Parameters<typeof guestDisk>[0]) {
    const { engine, images } = this.#deps;
    return guestDisk(needed, id, { user: files, packaged: engine, images });
  }
}

function noSuchDisk(disk: string): QemuWebError {
  return new QemuWebError("no-such-disk", `The VM has no disk ${disk}.`, "Choose another of its disks.");
}

function noDrive(): QemuWebError {
  return new QemuWebError(
    "vm-state",
    "The VM has no CD-ROM drive.",
    "Turn the VM off, and give it a CD-ROM: the drive comes with it.",
  );
}
