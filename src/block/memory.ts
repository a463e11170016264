import { CheckedDevice } from "./checked-device.ts";

/** A disk in `bytes`, which it writes to: the plainest device, which the others are measured by. */
export class MemoryDevice extends CheckedDevice {
  override readonly readonly = false;
  readonly blockSize = 512;

  constructor(readonly bytes: Uint8Array) {
    super();
  }

  get size(): number {
    return this.bytes.length;
  }

  protected override async readRange(offset: number, into: Uint8Array): Promise<void> {
    into.set(this.bytes.subarray(offset, offset + into.length));
  }

  protected override async writeRange(offset: number, from: Uint8Array): Promise<void> {
    this.bytes.set(from, offset);
  }

  protected override async discardRange(offset: number, length: number): Promise<void> {
    this.bytes.fill(0, offset, offset + length);
  }
}
