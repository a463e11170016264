import { CheckedDevice } from "./checked-device.ts";
import type { BlockDevice } from "./device.ts";

/** `device`, which this owns, without its writes. */
export class ReadonlyDevice extends CheckedDevice {
  constructor(readonly device: BlockDevice) {
    super();
  }

  get size(): number {
    return this.device.size;
  }

  get blockSize(): number {
    return this.device.blockSize;
  }

  override isHole(offset: number, length: number): boolean {
    return this.device.isHole(offset, length);
  }

  protected override readRange(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.device.read(offset, into, signal);
  }

  protected override release(): Promise<void> {
    return this.device.close();
  }
}
