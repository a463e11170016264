/** Bytes of an overlay's block; the last block of a disk is as long as the disk has bytes left. */
export const BLOCK = 64 << 10;

/** Bytes that a disk may have: what is known of each block must fit into memory. */
export const MAX_DISK = 2 ** 43;

/** Where a block's bytes come from: `base` when it was never written, `zero` when it reads as zeroes. */
export type BlockKind = "base" | "zero" | "data";

/** Length of block `index` of a disk of `size` bytes. */
export function blockLength(index: number, size: number): number {
  return Math.min(BLOCK, size - index * BLOCK);
}

/**
 * What was written to a disk, by whole blocks. Whoever uses it (`CowDevice`) puts calls for the same block in a row,
 * and hands over arrays that nobody changes afterwards.
 */
export interface Overlay {
  kind(index: number): BlockKind;
  /** The bytes of a block whose kind is `data`; not to be changed. */
  read(index: number): Promise<Uint8Array>;
  write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Makes `count` blocks `zero`, or `base` where the base is zeroes. */
  clear(first: number, count: number): Promise<void>;
  /** Resolves when everything that was accepted before is durable. */
  flush(): Promise<void>;
  /** Keeps what it is, with all that was accepted before, as a disk's state of that snapshot; what comes later is apart from it. */
  freeze?(snapshot: string): Promise<void>;
  close(): Promise<void>;
}
