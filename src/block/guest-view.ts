import type { BlockDevice } from "./device.ts";
import { type DiskSpec, openDisk, openLayered } from "./disk-image.ts";
import type { OverlayStore } from "./overlay-store.ts";
import { openQcow2 } from "./qcow2/device.ts";
import { openVdi } from "./vdi.ts";
import { openVhdx } from "./vhdx.ts";
import { openVmdk } from "./vmdk.ts";
import { openVpc } from "./vpc.ts";

/** By format, what a guest sees of an image that is only read; each owns it once it is open. */
const OPEN = { vmdk: openVmdk, vdi: openVdi, vhdx: openVhdx, vpc: openVpc };

/**
 * What a guest sees of a disk, read-only: its image with its changes. Throws what `openDisk` and `openQcow2` throw. For copies:
 * while a VM runs, QEMU makes that of the devices below.
 */
export async function openGuestView(
  spec: DiskSpec,
  overlays: OverlayStore,
  signal?: AbortSignal,
): Promise<BlockDevice> {
  const { format } = spec;
  const disk = await openDisk({ ...spec, persistent: false }, overlays);
  return orClose(disk, async () => {
    if (format === "raw") return disk;
    if (format === "qcow2") return openQcow2(disk, signal);
    const image = await openLayered(spec);
    return orClose(image, async () => openQcow2(disk, signal, await OPEN[format](image, signal)));
  });
}

/** Closes the device when what is to own it can't be opened. */
async function orClose<T>(device: BlockDevice, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await device.close();
    throw error;
  }
}
