import { CheckedDevice } from "../checked-device.ts";

/** A file of any size that has these bytes at its beginning, and zeroes behind them. */
export class SparseDevice extends CheckedDevice {
  readonly blockSize = 512;
  /** Bytes of the longest read. */
  longest = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly size: number,
  ) {
    super();
  }

  protected override async readRange(offset: number, into: Uint8Array): Promise<void> {
    this.longest = Math.max(this.longest, into.length);
    const inside = this.bytes.subarray(offset, offset + into.length);
    into.fill(0, inside.length);
    into.set(inside);
  }
}
