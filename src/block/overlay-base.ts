import { type BaseIdentity, sameBase } from "./identity.ts";
import type { OverlayRecord } from "./overlay-database.ts";

/** The image that an overlay lies over. */
export interface OverlayBase extends BaseIdentity {
  /** Bytes of a disk over it that was never resized, if not the image's: there is room behind one that grows. */
  diskSize?: number;
}

/** What version 1 kept tells the disk's size as the base's: for a format that grows, the size with room. */
export function belongs(made: BaseIdentity, base: OverlayBase): boolean {
  return sameBase(made, base) || sameBase(made, { ...base, size: base.diskSize ?? base.size });
}

export function identityOf({ size, samples }: BaseIdentity): BaseIdentity {
  return { size, samples };
}

/** What an overlay is when nothing was written to it. */
export function newOverlay(
  vm: string,
  disk: string,
  base: OverlayBase,
): Pick<OverlayRecord, "vm" | "disk" | "base" | "size"> {
  return { vm, disk, base: identityOf(base), size: base.diskSize ?? base.size };
}
