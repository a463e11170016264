/** The disks of one VM, opened in its Worker. */
import { CowDevice } from "../src/block/cow.ts";
import type { BlockDevice } from "../src/block/device.ts";
import { type DiskSpec, openDisk, openLayered } from "../src/block/disk-image.ts";
import { OverlayStore } from "../src/block/overlay-store.ts";
import { settleAll } from "../src/block/settle.ts";
import { type ErrorData, toErrorData } from "../src/core/errors.ts";
import { isLayered } from "../src/model/profile.ts";
import { imageDevice, type Outcome, outcome, serveBlock } from "../src/qemu/block.ts";

const overlays = new OverlayStore();

interface Served {
  disk: string;
  device: BlockDevice;
  /** Aborts when it is removed: QEMU has closed it by then. */
  removed: AbortController;
}
/** By the name that QEMU has of the device: a disk's id, or that of the image below it. */
const devices = new Map<string, Served>();

/** Rejects with what keeps it from being opened. */
export async function addDisk(spec: DiskSpec): Promise<void> {
  const { disk } = spec;
  devices.set(disk, { disk, device: await openDisk(spec, overlays), removed: new AbortController() });
  if (!isLayered(spec.format)) return;
  try {
    devices.set(imageDevice(disk), { disk, device: await openLayered(spec), removed: new AbortController() });
  } catch (error) {
    await removeDisk(disk);
    throw error;
  }
}

export async function removeDisk(id: string): Promise<void> {
  const served = [id, imageDevice(id)].flatMap((name) => devices.get(name) ?? []);
  for (const name of [id, imageDevice(id)]) devices.delete(name);
  for (const { removed } of served) removed.abort();
  await settleAll(served.map(({ device }) => device.close()));
}

/** Keeps what all disks that are written are now, for a snapshot. */
export async function freezeDisks(snapshot: string): Promise<void> {
  for (const { device } of devices.values()) if (device instanceof CowDevice) await device.freeze(snapshot);
}

/**
 * Serves a device to QEMU, which has opened it; see src/qemu/block.ts. Without a device of that name QEMU says so. `failed` hears of
 * each request to a disk that went wrong.
 */
export function serveDisk(
  name: string,
  memory: SharedArrayBuffer,
  address: number,
  failed: (disk: string, error: ErrorData) => void,
): void {
  const served = devices.get(name);
  if (!served) return;
  const answer = (thrown: unknown) => {
    const error = toErrorData(thrown);
    failed(served.disk, error);
    return outcomeOf(error);
  };
  serveBlock(memory, address, served.device, answer, served.removed.signal);
}

/** How QEMU is told that a request failed; it tells the guest's owner, not the guest (werror=stop). */
function outcomeOf(error: ErrorData): Outcome {
  return error.code === "storage-full" ? outcome.noSpace : outcome.failed;
}
