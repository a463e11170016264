import { CheckedDevice } from "./checked-device.ts";
import type { BlockDevice } from "./device.ts";

/** `base`, read-only, with zeroes after its end up to `size`: room for an image format that grows. Owns it. */
export class PaddedDevice extends CheckedDevice {
  constructor(
    readonly base: BlockDevice,
    readonly size: number,
  ) {
    super();
  }

  get blockSize(): number {
    return this.base.blockSize;
  }

  override isHole(offset: number, length: number): boolean {
    const inside = Math.max(0, Math.min(length, this.base.size - offset));
    return inside === 0 || this.base.isHole(offset, inside);
  }

  protected override async readRange(offset: number, into: Uint8Array, signal?: AbortSignal): Promise<void> {
    const inside = Math.max(0, Math.min(into.length, this.base.size - offset));
    into.fill(0, inside);
    if (inside > 0) await this.base.read(offset, into.subarray(0, inside), signal);
  }

  protected override release(): Promise<void> {
    return this.base.close();
  }
}
