import { CheckedDevice } from "./checked-device.ts";
import { imageUnreadable } from "./errors.ts";

/** A Blob, or a File that the user chose: read piece by piece, never written. */
export class FileDevice extends CheckedDevice {
  readonly blockSize = 4096;

  constructor(readonly blob: Blob) {
    super();
  }

  get size(): number {
    return this.blob.size;
  }

  protected override async readRange(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const bytes = await this.#slice(offset, offset + into.length);
    signal.throwIfAborted();
    into.set(bytes);
  }

  /** A File whose original was changed or moved rejects: its bytes never mix with those of before. */
  async #slice(start: number, end: number): Promise<Uint8Array> {
    try {
      return new Uint8Array(await this.blob.slice(start, end).arrayBuffer());
    } catch (cause) {
      const name = this.blob instanceof File ? this.blob.name : "in the browser's storage";
      const hint = "Put the image back as it was, or make a new disk and choose the file again.";
      throw imageUnreadable(name, "can't be read: it was moved or changed since it was chosen", hint, cause);
    }
  }
}
