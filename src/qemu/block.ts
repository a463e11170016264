/** TypeScript half of `file.driver=web` (qemu-wasm/web/block.c; layout: block.h): serves QEMU's requests from a device. */
import { Waker } from "../core/waker.ts";

/** What a disk is asked for; offsets and lengths in bytes. `src/block` has such devices. */
export interface DiskBytes {
  readonly size: number;
  readonly readonly: boolean;
  read(offset: number, into: Uint8Array): Promise<void>;
  write(offset: number, from: Uint8Array): Promise<void>;
  flush(): Promise<void>;
  discard(offset: number, length: number): Promise<void>;
}

/** The device with the image of a disk whose own device is the qcow2 image above it. No disk's id has a dot. */
export function imageDevice(disk: string): string {
  return `${disk}.image`;
}

const SLOTS = 32;

/** Indices into the 32-bit words of `WebBlockShared`. */
const word = { flag: 0, sequence: 1, submitted: 2, readonly: 3, sizeLow: 4, sizeHigh: 5, found: 6, slots: 8 };
const slotWords = 8;
const slot = { state: 0, operation: 1, outcome: 2, buffer: 3, length: 4, offsetLow: 5, offsetHigh: 6 };

const state = { free: 0, submitted: 1, running: 2, done: 3 };
const operation = { read: 0, write: 1, flush: 2, discard: 3 };

/** How a request ended, as QEMU is told: a disk with `werror=stop,rerror=stop` has all but ok stop the guest until it is resumed. */
export const outcome = { ok: 0, failed: 1, noSpace: 2 } as const;
export type Outcome = (typeof outcome)[keyof typeof outcome];

/**
 * Serves the disk whose shared words lie at `address` (bytes) of the engine's memory, until `ended` aborts (QEMU has closed it): sets
 * its size at once, then answers requests as they come, many at a time. `failed` hears of each that went wrong, and says how
 * QEMU is told.
 */
export function serveBlock(
  memory: SharedArrayBuffer,
  address: number,
  disk: DiskBytes,
  failed: (error: unknown) => Outcome,
  ended: AbortSignal,
): void {
  const words = new Int32Array(memory, address, word.slots + SLOTS * slotWords);
  const get = (index: number) => (words[index] ?? 0) >>> 0;
  const engine = new Waker(memory, get(word.flag), get(word.sequence));
  words[word.readonly] = disk.readonly ? 1 : 0;
  words[word.sizeLow] = (disk.size % 2 ** 32) | 0;
  words[word.sizeHigh] = Math.floor(disk.size / 2 ** 32);
  words[word.found] = 1;

  async function run(at: number): Promise<void> {
    let ended: Outcome = outcome.ok;
    try {
      await perform(at);
    } catch (error) {
      ended = failed(error);
    }
    words[at + slot.outcome] = ended;
    Atomics.store(words, at + slot.state, state.done);
    engine.wake();
  }

  async function perform(at: number): Promise<void> {
    const offset = get(at + slot.offsetLow) + get(at + slot.offsetHigh) * 2 ** 32;
    const length = get(at + slot.length);
    const shared = () => new Uint8Array(memory, get(at + slot.buffer), length);
    switch (get(at + slot.operation)) {
      case operation.read: {
        // Not read into shared memory at once: most of what a device reads with refuses that.
        const bytes = new Uint8Array(length);
        await disk.read(offset, bytes);
        shared().set(bytes);
        return;
      }
      case operation.write:
        return disk.write(offset, shared().slice()); // the guest may change its own before it is stored
      case operation.flush:
        return disk.flush();
      case operation.discard:
        return disk.discard(offset, length);
      default:
        throw new Error(`QEMU asked for operation ${get(at + slot.operation)}.`);
    }
  }

  ended.addEventListener("abort", () => Atomics.notify(words, word.submitted), { once: true });
  void (async () => {
    while (!ended.aborted) {
      const seen = Atomics.load(words, word.submitted);
      for (let n = 0; n < SLOTS; n++) {
        const at = word.slots + n * slotWords;
        if (Atomics.compareExchange(words, at + slot.state, state.submitted, state.running) === state.submitted) {
          void run(at);
        }
      }
      const wait = Atomics.waitAsync(words, word.submitted, seen);
      if (wait.async) await wait.value;
    }
  })();
}
