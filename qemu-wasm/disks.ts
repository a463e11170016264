/** The disks of one VM, opened in its Worker. */
import { CowDevice } from "../src/block/cow.ts";
import type { BlockDevice } from "../src/block/device.ts";
import { type DiskSpec, openDisk } from "../src/block/disk-image.ts";
import { OverlayStore } from "../src/block/overlay-store.ts";
import { type ErrorData, toErrorData } from "../src/core/errors.ts";
import { type Outcome, outcome, serveBlock } from "../src/qemu/block.ts";

const overlays = new OverlayStore();

interface ServedDisk {
  device: BlockDevice;
  /** Aborts when it is removed: QEMU has closed it by then. */
  removed: AbortController;
}
const disks = new Map<string, ServedDisk>();

/** Rejects with what keeps it from being opened. */
export async function addDisk(spec: DiskSpec): Promise<void> {
  const device = await openDisk(spec, overlays);
  disks.set(spec.disk, { device, removed: new AbortController() });
}

export async function removeDisk(id: string): Promise<void> {
  const disk = disks.get(id);
  disks.delete(id);
  disk?.removed.abort();
  await disk?.device.close();
}

/** Keeps what all disks that are written are now, for a snapshot. */
export async function freezeDisks(snapshot: string): Promise<void> {
  for (const { device } of disks.values()) if (device instanceof CowDevice) await device.freeze(snapshot);
}

/** Serves a disk to QEMU, which has opened it; see src/qemu/block.ts. Without a disk of that id QEMU says so. */
export function serveDisk(
  id: string,
  memory: SharedArrayBuffer,
  address: number,
  failed: (error: ErrorData) => void,
): void {
  const disk = disks.get(id);
  if (!disk) return;
  const answer = (thrown: unknown) => {
    const error = toErrorData(thrown);
    failed(error);
    return outcomeOf(error);
  };
  serveBlock(memory, address, disk.device, answer, disk.removed.signal);
}

/** How QEMU is told that a request failed; it tells the guest's owner, not the guest (werror=stop). */
function outcomeOf(error: ErrorData): Outcome {
  return error.code === "storage-full" ? outcome.noSpace : outcome.failed;
}
