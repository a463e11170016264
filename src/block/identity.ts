import { BlankDevice } from "./blank.ts";
import type { BlockDevice } from "./device.ts";
import { settleAll } from "./settle.ts";

/** Says which image an overlay belongs to; the same wherever a copy of the image lies. */
export interface BaseIdentity {
  /** Bytes. */
  size: number;
  /** SHA-256 (hexadecimal) of the samples, one after the other; `blank` for a disk that began as zeroes. */
  samples: string;
}

/**
 * Samples of an image, and bytes of each: the first and the last, the others spread evenly. A small image is read
 * whole.
 */
const SAMPLES = 16;
const SAMPLE = 64 << 10;

/**
 * Reads 1 MiB of `base` at most: of an image on a server, give the device that has no cache over it, which would fetch
 * more.
 */
export async function identify(base: BlockDevice, signal?: AbortSignal): Promise<BaseIdentity> {
  const { size } = base;
  if (base instanceof BlankDevice) return { size, samples: "blank" };
  const bytes = new Uint8Array(Math.min(size, SAMPLES * SAMPLE));
  if (bytes.length === size) await base.read(0, bytes, signal);
  else {
    const reads = Array.from({ length: SAMPLES }, (_, n) => {
      const offset = Math.floor(((size - SAMPLE) * n) / (SAMPLES - 1));
      return base.read(offset, bytes.subarray(n * SAMPLE, (n + 1) * SAMPLE), signal);
    });
    await settleAll(reads);
  }
  return { size, samples: await sha256(bytes) };
}

/**
 * Of an image in a format that is only read: an overlay's blocks are those of the `layer` above it, not the image's own. `layer` is as it
 * was made.
 */
export async function identifyLayered(base: BaseIdentity, format: string, layer: BlockDevice): Promise<BaseIdentity> {
  const named = `${format} ${base.samples} ${(await identify(layer)).samples}`;
  return { size: base.size, samples: await sha256(new TextEncoder().encode(named)) };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

export function sameBase(one: BaseIdentity, other: BaseIdentity): boolean {
  return one.size === other.size && one.samples === other.samples;
}

export function unhex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
