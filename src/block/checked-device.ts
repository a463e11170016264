import type { BlockDevice } from "./device.ts";
import { deviceClosed, outOfRange, writeToReadonly } from "./errors.ts";

/**
 * What all devices have in common: ranges are checked, a closed device refuses. Read-only unless a subclass says more.
 */
export abstract class CheckedDevice implements BlockDevice {
  abstract readonly size: number;
  abstract readonly blockSize: number;
  readonly readonly: boolean = true;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;

  read(offset: number, into: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#run(async () => {
      this.#check(offset, into.length);
      const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
      stop.throwIfAborted();
      if (into.length > 0) await this.readRange(offset, into, stop);
    });
  }

  write(offset: number, from: Uint8Array): Promise<void> {
    return this.#run(async () => {
      if (this.readonly) throw writeToReadonly();
      this.#check(offset, from.length);
      if (from.length > 0) await this.writeRange(offset, from);
    });
  }

  discard(offset: number, length: number): Promise<void> {
    return this.#run(async () => {
      if (this.readonly) throw writeToReadonly();
      this.#check(offset, length);
      if (length > 0) await this.discardRange(offset, length);
    });
  }

  isHole(_offset: number, _length: number): boolean {
    return false;
  }

  flush(): Promise<void> {
    return this.#run(() => this.sync());
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Aborts, with the error to reject with, when the device is closed. */
  protected get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * The range is inside the device and not empty; `signal` aborts when the caller's does, and when the device is
   * closed.
   */
  protected abstract readRange(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  protected async writeRange(_offset: number, _from: Uint8Array): Promise<void> {
    throw writeToReadonly();
  }
  protected async discardRange(_offset: number, _length: number): Promise<void> {
    throw writeToReadonly();
  }
  /** Makes durable what was called before. */
  protected async sync(): Promise<void> {}
  /** Lets go of everything; called once, when nothing is under way. */
  protected async release(): Promise<void> {}

  #check(offset: number, length: number): void {
    const inside = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
    if (!inside || offset + length > this.size) throw outOfRange(offset, length, this.size);
  }

  #run(work: () => Promise<void>): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(deviceClosed());
    const running = work().finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  async #close(): Promise<void> {
    this.#closing.abort(deviceClosed());
    // Their callers hear of what fails in them.
    await Promise.allSettled(this.#running);
    try {
      await this.sync();
    } finally {
      await this.release();
    }
  }
}
