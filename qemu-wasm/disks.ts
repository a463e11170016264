/** The disks of one VM, opened in its Worker. */
import type { BlockDevice } from "../src/block/device.ts";
import { type DiskSpec, openDisk } from "../src/block/disk-image.ts";
import { OverlayStore } from "../src/block/overlay-store.ts";
import { toErrorData } from "../src/core/errors.ts";
import { type Outcome, outcome } from "../src/qemu/block.ts";

const overlays = new OverlayStore();

/** All of them by their ids, or none: rejects with what keeps the first from being opened. */
export async function openDisks(disks: DiskSpec[]): Promise<Map<string, BlockDevice>> {
  const devices = new Map<string, BlockDevice>();
  for (const spec of disks) devices.set(spec.disk, await openDisk(spec, overlays));
  return devices;
}

/** How QEMU is told that a request failed; it tells the guest's owner, not the guest (werror=stop). */
export function outcomeOf(error: unknown): Outcome {
  return toErrorData(error).code === "storage-full" ? outcome.noSpace : outcome.failed;
}
