import { CheckedDevice } from "./checked-device.ts";

/** `size` zeroes: the base of a disk that began empty. */
export class BlankDevice extends CheckedDevice {
  readonly blockSize = 512;

  constructor(readonly size: number) {
    super();
  }

  override isHole(): boolean {
    return true;
  }

  protected override async readRange(_offset: number, into: Uint8Array): Promise<void> {
    into.fill(0);
  }
}
