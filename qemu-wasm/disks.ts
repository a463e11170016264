/** The disks of one VM, opened in its Worker. */
import { CacheDevice } from "../src/block/cache.ts";
import { CowDevice } from "../src/block/cow.ts";
import type { BlockDevice } from "../src/block/device.ts";
import { FileDevice } from "../src/block/file.ts";
import { identify } from "../src/block/identity.ts";
import { OverlayStore } from "../src/block/overlay-store.ts";
import { PaddedDevice } from "../src/block/padded.ts";
import { QemuWebError } from "../src/core/errors.ts";
import { type Outcome, outcome } from "../src/qemu/block.ts";
import type { GuestDisk } from "./protocol.ts";

/** Bytes of an image kept in memory, beside what the guest itself caches. */
const CACHE = 32 << 20;

const overlays = new OverlayStore();

/** Rejects with `storage-failed` (changes of another image), `vm-state` (in use elsewhere) or `file-unreadable`. */
export async function openDisk({ image, overlay }: GuestDisk): Promise<BlockDevice> {
  const file = new FileDevice(image);
  const cached = new CacheDevice(file, CACHE);
  if (!overlay) return cached;
  const base = overlay.format === "qcow2" ? new PaddedDevice(cached, await grownSize(file)) : cached;
  const identity = { ...(await identify(file)), size: base.size };
  return new CowDevice(base, await overlays.open(overlay.vm, overlay.disk, identity));
}

const MIB = 1 << 20;

/**
 * Bytes that a qcow2 image may grow to: all of its virtual size once more, and 1 % for tables (docs/interop/qcow2.txt of QEMU:
 * an L2 entry of 8 bytes and a reference count of 2 for each cluster, of 512 bytes at least, 64 KiB mostly).
 */
async function grownSize(file: BlockDevice): Promise<number> {
  const header = new DataView(new ArrayBuffer(32));
  if (file.size >= 32) await file.read(0, new Uint8Array(header.buffer));
  if (header.getUint32(0) !== 0x514649fb) {
    throw new QemuWebError("file-unreadable", "The disk image is not in the format qcow2.", "Choose the format raw.");
  }
  const virtual = Number(header.getBigUint64(24));
  return Math.ceil((file.size + virtual * 1.01) / MIB + 16) * MIB;
}

/** How QEMU is told that a request failed: a store that is full stops the VM until it is resumed (werror=enospc). */
export function outcomeOf(error: unknown): Outcome {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.name === "QuotaExceededError" ? outcome.noSpace : outcome.failed;
}
