import type { DiskSpec } from "../block/disk-image.ts";
import { QemuWebError } from "../core/errors.ts";
import { type Disk, isLayered, type MachineType, type Nic, type Profile } from "../model/profile.ts";
import { CDROM_DEVICE, CDROM_ID, hotNic } from "../qemu/args.ts";
import { imageDevice } from "../qemu/block.ts";
import { CommandError } from "../qemu/command-session.ts";
import type { QmpClient } from "../qemu/qmp/client.ts";
import type { BlockdevOptions } from "../qemu/qmp/schema.ts";
import { DevicePlaces } from "./device-places.ts";

/** What a run has for disks that come and go: its monitor, and the Worker that serves them. */
export interface HotPlugRun {
  qmp: QmpClient;
  /** The Worker opens it, and QEMU finds it by its id from then on. */
  addDisk(disk: DiskSpec): Promise<void>;
  /** QEMU has let go of it: the Worker stores what is left, and closes it. */
  removeDisk(id: string): Promise<void>;
}

/** Milliseconds that a guest gets to let go of a tray. */
const PATIENCE = 10_000;

/** Disks, media and network adapters put into a VM that runs, and taken out. Each step is undone when a later one fails. */
export class HotPlug {
  readonly #run: HotPlugRun;
  readonly #machine: MachineType;
  readonly #places: DevicePlaces;
  /** The node in the CD-ROM drive. */
  #medium: string | undefined;
  #media = 0;

  /** `profile`: what the VM was started as. */
  constructor(run: HotPlugRun, { machine, cdrom }: Pick<Profile, "machine" | "cdrom">) {
    this.#run = run;
    this.#machine = machine;
    this.#places = new DevicePlaces(run.qmp, machine);
    this.#medium = cdrom ? CDROM_ID : undefined;
  }

  /** Whether it was put in while the VM ran: only such a one can be taken out while it does. */
  hasDisk(id: string): boolean {
    return this.#places.has(deviceId(id));
  }
  hasNic(id: string): boolean {
    return this.#places.has(id);
  }

  /** Throws `profile-invalid` for what can't be attached to a VM that runs, `vm-state` where there is no place left. */
  checkDisk(disk: Disk): void {
    this.#places.checkFree();
    deviceOf(disk);
  }

  /** Throws as `checkDisk` does, before anything is done. */
  async attach(disk: Disk, spec: DiskSpec): Promise<void> {
    const { id } = disk;
    this.checkDisk(disk);
    const device = { id: deviceId(id), drive: id, ...deviceOf(disk) };
    await this.#node(node(spec, disk.access === "readonly"), spec, () => this.#places.plug(device));
  }

  /** Asks the guest to let go of a disk that was attached; throws `vm-state` when it doesn't. */
  async detach(id: string): Promise<void> {
    await this.#places.unplug(deviceId(id), `disk ${id}`);
    await this.#remove(id);
  }

  /** Throws `profile-invalid` for an adapter that can't be added to a VM that runs. */
  async attachNic(nic: Nic): Promise<void> {
    this.#places.checkFree();
    await this.#places.plug({ id: nic.id, ...hotNic(nic, this.#machine) });
    try {
      await this.pullCables([nic]);
    } catch (thrown) {
      await this.detachNic(nic.id);
      throw thrown;
    }
  }

  /** Asks the guest to let go of an adapter that was added; throws `vm-state` when it doesn't. */
  async detachNic(id: string): Promise<void> {
    await this.#places.unplug(id, `network adapter ${id}`);
  }

  /** An adapter comes with its cable plugged in. A guest takes longer to look at it than this. */
  async pullCables(nics: readonly Nic[]): Promise<void> {
    for (const { id } of nics) await this.#run.qmp.execute("set_link", { name: id, up: false });
  }

  /** Puts an image into the CD-ROM drive, in the place of what is in it. */
  async insert(spec: DiskSpec): Promise<void> {
    const { qmp } = this.#run;
    const id = `cdrom${++this.#media}`; // after CDROM_ID
    const medium = { ...spec, disk: id };
    await this.#node(node(medium, true), medium, async () => {
      await this.#empty();
      await qmp.execute("blockdev-insert-medium", { id: CDROM_DEVICE, "node-name": id });
    });
    this.#medium = id;
    await qmp.execute("blockdev-close-tray", { id: CDROM_DEVICE });
  }

  /** Leaves the drive empty and closed. */
  async eject(): Promise<void> {
    await this.#empty();
    await this.#run.qmp.execute("blockdev-close-tray", { id: CDROM_DEVICE });
  }

  /** Opens the tray and takes out what is in it. */
  async #empty(): Promise<void> {
    const medium = this.#medium;
    await this.#trayOpen(() => this.#run.qmp.execute("blockdev-remove-medium", { id: CDROM_DEVICE }));
    this.#medium = undefined;
    // The first was given with the command line: QEMU dropped it just now.
    if (medium === CDROM_ID) await this.#run.removeDisk(medium);
    else if (medium !== undefined) await this.#remove(medium);
  }

  /** Opens the tray as its button does, and does `work`: at once, or when the guest, which had locked it, has let go of it. */
  async #trayOpen(work: () => Promise<unknown>): Promise<void> {
    const { qmp } = this.#run;
    const opened = qmp.next("DEVICE_TRAY_MOVED", (data) => data.id === CDROM_DEVICE && data["tray-open"], PATIENCE);
    await qmp.execute("blockdev-open-tray", { id: CDROM_DEVICE });
    try {
      await work();
    } catch (thrown) {
      if (!(thrown instanceof CommandError)) throw thrown;
      await opened.catch((cause: unknown) => {
        throw trayLocked(cause);
      });
      await work();
    }
  }

  /** Has the Worker open a disk and QEMU make a node of it, then does `use` with it; nothing is left when that fails. */
  async #node(options: BlockdevOptions, spec: DiskSpec, use: () => Promise<unknown>): Promise<void> {
    await this.#run.addDisk(spec);
    try {
      await this.#run.qmp.execute("blockdev-add", options);
    } catch (thrown) {
      await this.#run.removeDisk(spec.disk);
      throw thrown;
    }
    try {
      await use();
    } catch (thrown) {
      await this.#remove(spec.disk);
      throw thrown;
    }
  }

  async #remove(id: string): Promise<void> {
    await this.#run.qmp.execute("blockdev-del", { "node-name": id });
    await this.#run.removeDisk(id);
  }
}

function deviceId(disk: string): string {
  return `${disk}-device`;
}

/** QEMU's nodes of a disk: the format, named like the disk, over our own driver; below qcow2 of ours, those of the image. */
function node({ disk, format }: DiskSpec, readonly: boolean): BlockdevOptions {
  const options = { "read-only": readonly, discard: "unmap" } as const;
  const own = { "node-name": disk, ...options, file: { driver: "web", device: disk, ...options } } as const;
  if (!isLayered(format)) return { driver: format, ...own };
  const file = { driver: "web", device: imageDevice(disk), "read-only": true } as const;
  return { driver: "qcow2", ...own, backing: { driver: format, "read-only": true, file } };
}

function deviceOf(disk: Disk): { driver: string } & Record<string, string> {
  switch (disk.interface) {
    case "virtio":
      return { driver: "virtio-blk-pci", werror: "stop", rerror: "stop" };
    case "nvme":
      return { driver: "nvme", serial: disk.id };
    default:
      throw new QemuWebError(
        "profile-invalid",
        `A disk of the kind ${disk.interface} can't be attached to a VM that runs.`,
        "Attach it as virtio or NVMe, or turn the VM off first.",
      );
  }
}

function trayLocked(cause: unknown): QemuWebError {
  return new QemuWebError(
    "vm-state",
    "The guest keeps the CD-ROM drive's tray locked.",
    "Unmount the CD-ROM in the guest, then try again.",
    { cause },
  );
}
