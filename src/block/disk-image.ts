/** A disk as it crosses to whoever opens it, and how it is opened: image, room, cache and overlay, one above the other. */
import type { DiskFormat } from "../model/profile.ts";
import { BlankDevice } from "./blank.ts";
import { CacheDevice } from "./cache.ts";
import { CowDevice } from "./cow.ts";
import type { BlockDevice } from "./device.ts";
import { imageBroken } from "./errors.ts";
import { FileDevice } from "./file.ts";
import { reopenHttp } from "./http.ts";
import type { HttpImage } from "./http-image.ts";
import { type BaseIdentity, identify, identifyLayered } from "./identity.ts";
import { inspectImage } from "./inspect.ts";
import type { OverlayBase } from "./overlay-base.ts";
import type { OverlayStore } from "./overlay-store.ts";
import { PaddedDevice } from "./padded.ts";
import { emptyQcow2 } from "./qcow2/empty.ts";
import { readQcow2Header } from "./qcow2/header.ts";
import { ReadonlyDevice } from "./readonly.ts";

/** Where an image's bytes are. Its identity, where it is known, saves reading samples of it. */
export type DiskImage =
  | { from: "blob"; blob: Blob; identity?: BaseIdentity }
  | { from: "blank"; size: number }
  | { from: "http"; image: HttpImage; identity: BaseIdentity };

/** A disk of a VM: an image, and the overlay of its name. */
export interface DiskSpec {
  vm: string;
  disk: string;
  image: DiskImage;
  format: DiskFormat;
  /** Writes go into the overlay, which is made; otherwise the disk is as it was left, and read-only. */
  persistent: boolean;
}

/** Bytes of an image kept in memory, beside what the guest itself caches. */
const CACHE = 32 << 20;

/**
 * Opens what the changes of a disk are kept of, which is its owner's alone until it is closed: the image, or, of a format that is
 * only read, the qcow2 image above it. Rejects with `overlay-foreign`, `disk-busy`, `image-changed`, `image-broken`,
 * `image-unsupported` or `file-unreadable`.
 */
export async function openDisk(spec: DiskSpec, overlays: OverlayStore): Promise<BlockDevice> {
  const { image, base } = await openBase(spec);
  try {
    const overlay = await overlays[spec.persistent ? "open" : "find"](spec.vm, spec.disk, base);
    const below = image instanceof BlankDevice ? image : new CacheDevice(image, CACHE);
    if (!overlay) return below;
    const disk = new CowDevice(overlay.size > below.size ? new PaddedDevice(below, overlay.size) : below, overlay);
    return spec.persistent ? disk : new ReadonlyDevice(disk);
  } catch (error) {
    await image.close();
    throw error;
  }
}

/** Opens the image of a disk whose changes are in a qcow2 image above it. */
export async function openLayered(spec: Pick<DiskSpec, "image">): Promise<BlockDevice> {
  return new CacheDevice(await openImage(spec.image), CACHE);
}

/** What lies below the disk's overlay, and what tells its overlays from others. */
export async function openBase(
  spec: Pick<DiskSpec, "image" | "format">,
): Promise<{ image: BlockDevice; base: OverlayBase }> {
  const image = await openImage(spec.image);
  try {
    const known = spec.image.from === "blank" ? undefined : spec.image.identity;
    const base = known ?? (await identify(image));
    if (spec.format === "raw") return { image, base };
    if (spec.format === "qcow2") return { image, base: { ...base, diskSize: await grownSize(image) } };
    const layer = emptyQcow2(await sizeAs(spec.format, image));
    await image.close();
    const layered = await identifyLayered(base, spec.format, layer);
    return { image: layer, base: { ...layered, diskSize: await grownSize(layer) } };
  } catch (error) {
    await image.close();
    throw error;
  }
}

/** What a guest sees of an image of a format that is only read, bytes. */
async function sizeAs(format: DiskFormat, image: BlockDevice): Promise<number> {
  const facts = await inspectImage(image);
  if (facts.format !== format) throw imageBroken(format, "it begins otherwise", `Choose the format ${facts.format}.`);
  return facts.virtualSize;
}

async function openImage(image: DiskImage): Promise<BlockDevice> {
  switch (image.from) {
    case "blob":
      return new FileDevice(image.blob);
    case "blank":
      return new BlankDevice(image.size);
    case "http":
      return reopenHttp(image.image, image.identity);
  }
}

const MIB = 1 << 20;

async function grownSize(image: BlockDevice): Promise<number> {
  return qcow2Room(image.size, (await readQcow2Header(image)).virtualSize);
}

/**
 * Bytes that a qcow2 image may grow to: all of its virtual size once more, and 1 % for tables (an L2 entry of 8 bytes and a
 * reference count of 2 for each cluster, of 512 bytes at least, 64 KiB mostly).
 */
export function qcow2Room(fileSize: number, virtualSize: number): number {
  return Math.ceil((fileSize + virtualSize * 1.01) / MIB + 16) * MIB;
}
