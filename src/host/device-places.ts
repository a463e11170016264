import { QemuWebError } from "../core/errors.ts";
import type { MachineType } from "../model/profile.ts";
import { hotPlugBuses } from "../qemu/args.ts";
import { CommandError } from "../qemu/command-session.ts";
import type { QmpClient } from "../qemu/qmp/client.ts";

/** A device as `device_add` takes it. */
export type Device = { id: string; driver: string } & Record<string, string>;

/** Milliseconds that a guest gets to let go of a device. */
const PATIENCE = 10_000;

/** The places that a machine which runs has for PCI devices, and which device of ours is in which. */
export class DevicePlaces {
  readonly #qmp: QmpClient;
  readonly #machine: MachineType;
  readonly #patience: number;
  readonly #places: { bus: string; device?: string | undefined }[];

  constructor(qmp: QmpClient, machine: MachineType, patience = PATIENCE) {
    this.#qmp = qmp;
    this.#patience = patience;
    this.#machine = machine;
    this.#places = hotPlugBuses(machine).map((bus) => ({ bus }));
  }

  /** Whether a device was put in while the machine ran: only such a one can be taken out while it does. */
  has(device: string): boolean {
    return this.#places.some((place) => place.device === device);
  }

  /** Throws `vm-state` where there is no place left. */
  checkFree(): void {
    this.#free();
  }

  /** Throws as `checkFree` does, or what QEMU answers. */
  async plug(device: Device): Promise<void> {
    const place = this.#free();
    await this.#qmp.execute("device_add", { ...device, bus: place.bus });
    place.device = device.id;
  }

  /** Asks the guest to let go of a device; throws `vm-state` when it doesn't, `what` being that device. */
  async unplug(device: string, what: string): Promise<void> {
    const place = this.#places.find((place) => place.device === device);
    if (!place) throw startedWith(what);
    const gone = this.#qmp.next("DEVICE_DELETED", (data) => data.device === device, this.#patience);
    try {
      await this.#qmp.execute("device_del", { id: device });
      await gone.catch((cause: unknown) => {
        throw this.#qmp.over.aborted ? cause : guestHolds(what, cause);
      });
    } catch (thrown) {
      // A guest may let go of it late, or by itself.
      if (!(thrown instanceof CommandError && thrown.errorClass === "DeviceNotFound")) throw thrown;
    }
    place.device = undefined;
  }

  #free() {
    const place = this.#places.find(({ device }) => device === undefined);
    if (!place) throw noPlace(this.#machine, this.#places.length);
    return place;
  }
}

function noPlace(machine: MachineType, places: number): QemuWebError {
  return new QemuWebError(
    "vm-state",
    places === 0
      ? `The machine ${machine} takes no further devices while it runs.`
      : `${places} devices were added while the VM runs, and there is no place for more.`,
    "Turn the VM off, and add it then.",
  );
}

function startedWith(what: string): QemuWebError {
  return new QemuWebError(
    "vm-state",
    `The ${what} was there when the VM started, and can't be taken out while it runs.`,
    "Turn the VM off, and remove it then.",
  );
}

function guestHolds(what: string, cause: unknown): QemuWebError {
  return new QemuWebError(
    "vm-state",
    `The guest does not let go of the ${what}.`,
    "End its use in the guest, resume the VM if it is paused, then try again.",
    { cause },
  );
}
