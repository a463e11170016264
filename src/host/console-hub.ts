import { ByteLog } from "../core/byte-log.ts";
import { deferred } from "../core/deferred.ts";
import { Pulse } from "../core/pulse.ts";
import { tailStream } from "../core/tail-stream.ts";
import type { ByteChannel } from "../qemu/byte-channel.ts";

/** Most bytes that a viewer is handed at once; small enough that a page's event loop stays free. */
const MOST_AT_ONCE = 64 * 1024;

interface Viewer {
  /** Offset of the next byte it has not been handed. */
  at: number;
}

/**
 * One console of a VM, over all its runs. The scroll-back is the only buffer: a viewer is a place in it, and the guest is
 * held back rather than a byte dropped that a live viewer has not seen. Without viewers it runs free.
 */
export class ConsoleHub {
  readonly #log: ByteLog;
  readonly #viewers = new Set<Viewer>();
  readonly #grown = new Pulse();
  readonly #read = new Pulse();
  /** The running guest's input; pending while its engine starts, undefined while the VM is off. */
  #guest: Promise<WritableStreamDefaultWriter<Uint8Array> | undefined> = Promise.resolve(undefined);
  #connect: (writer: WritableStreamDefaultWriter<Uint8Array> | undefined) => void = () => {};
  #typed: Promise<unknown> = Promise.resolve();
  /** Ends the write that waits for the guest, if one does. */
  #letGo: () => void = () => {};

  readonly #chunk: number;

  constructor(scrollBack = 1 << 20) {
    this.#log = new ByteLog(scrollBack);
    // Several chunks fit the log, so that a viewer reads one while the guest writes the next.
    this.#chunk = Math.min(MOST_AT_ONCE, scrollBack >> 2);
  }

  /** An engine starts: what is typed from now on waits for its chardev. It ends when `signal` aborts. */
  expect(signal: AbortSignal): void {
    const guest = deferred<WritableStreamDefaultWriter<Uint8Array> | undefined>();
    this.#guest = guest.promise;
    this.#connect = guest.resolve;
    const over = () => {
      guest.resolve(undefined);
      if (this.#guest !== guest.promise) return;
      this.#guest = Promise.resolve(undefined);
      this.#letGo();
    };
    signal.addEventListener("abort", over, { once: true });
  }

  /** Connects the engine's chardev, until `signal` aborts. `onBytes` sees every chunk, e.g. to find a panic. */
  async attach(channel: ByteChannel, signal: AbortSignal, onBytes: (bytes: Uint8Array) => void): Promise<void> {
    this.#connect(channel.input.getWriter());
    const reader = channel.output.getReader();
    // Viewers may never read again: waking the pump is what lets it see that the run is over.
    signal.addEventListener("abort", () => void reader.cancel().then(() => this.#read.fire()), { once: true });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes(value);
      for (let at = 0; at < value.length; at += this.#chunk) {
        const piece = value.subarray(at, at + this.#chunk);
        while (!signal.aborted && !this.#hasRoom(piece.length)) await this.#read.wait();
        this.#log.append(piece);
        this.#grown.fire();
      }
    }
  }

  /** Output of another run, before this one's: what the screen of a guest showed that goes on from there. */
  recall(output: Uint8Array): void {
    this.#log.append(output);
    this.#grown.fire();
  }

  /** The last of the output, `max` bytes at most. */
  tail(max: number): Uint8Array<ArrayBuffer> {
    return this.#log.read(this.#log.end - max, max);
  }

  /** A viewer: scroll-back, then live bytes, until it cancels or `signal` aborts. */
  view(signal: AbortSignal): ReadableStream<Uint8Array> {
    const viewer: Viewer = { at: this.#log.start };
    this.#viewers.add(viewer);
    const next = () => {
      const bytes = this.#log.read(viewer.at, this.#chunk);
      viewer.at = Math.max(viewer.at, this.#log.start) + bytes.length;
      this.#read.fire();
      return bytes.length > 0 ? [bytes] : [];
    };
    const left = () => {
      this.#viewers.delete(viewer);
      this.#read.fire();
    };
    return tailStream(next, this.#grown, signal, left);
  }

  /** A writer among several: whole chunks take turns. What is typed while the VM is off is lost, as on a dead line. */
  writer(signal: AbortSignal): WritableStream<Uint8Array> {
    return new WritableStream({
      write: (bytes) => {
        const turn = this.#typed.then(() => (signal.aborted ? undefined : this.#type(bytes)));
        this.#typed = turn;
        return turn;
      },
    });
  }

  async #type(bytes: Uint8Array): Promise<void> {
    const writer = await this.#guest;
    if (!writer) return;
    // A chardev that is gone fails, or never answers: the keys are lost, and the writer goes on.
    const done = deferred<void>();
    this.#letGo = done.resolve;
    writer.write(bytes).then(done.resolve, () => done.resolve());
    await done.promise;
  }

  #hasRoom(bytes: number): boolean {
    const oldestKept = this.#log.end + bytes - this.#log.capacity;
    for (const viewer of this.#viewers) if (viewer.at < oldestKept) return false;
    return true;
  }
}
