/**
 * One end of a byte ring in shared memory: one producer, one consumer, on different threads. Both counters only grow (modulo
 * 2^32); the place of byte number n is n modulo the size, a power of two. The C ends are in qemu-wasm/web/ring.c.
 */
export interface RingPlace {
  memory: SharedArrayBuffer;
  /** Byte offsets of the two counters in `memory`. */
  produced: number;
  consumed: number;
  /** Byte offset and length of the data. */
  data: number;
  size: number;
}

function counter(place: RingPlace, offset: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(place.memory, offset, 1);
}

class RingEnd {
  protected readonly produced: Int32Array<SharedArrayBuffer>;
  protected readonly consumed: Int32Array<SharedArrayBuffer>;
  protected readonly bytes: Uint8Array<SharedArrayBuffer>;
  #ended = false;

  constructor(place: RingPlace) {
    this.produced = counter(place, place.produced);
    this.consumed = counter(place, place.consumed);
    this.bytes = new Uint8Array(place.memory, place.data, place.size);
  }

  /** The other end is gone: nothing more will come, or be taken. */
  end(): void {
    this.#ended = true;
    Atomics.notify(this.produced, 0);
    Atomics.notify(this.consumed, 0);
  }

  /** Sleeps on the counter that the other end moves: true once `done` holds of it, false when it doesn't and `end` was called. */
  protected async whenOther(
    counter: Int32Array<SharedArrayBuffer>,
    done: (value: number) => boolean,
  ): Promise<boolean> {
    for (;;) {
      const seen = Atomics.load(counter, 0);
      if (done(seen)) return true;
      if (this.#ended) return false;
      await Atomics.waitAsync(counter, 0, seen).value;
    }
  }
}

export class RingReader extends RingEnd {
  /** Everything that is in the ring, copied out of it; undefined when it is empty. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    const from = Atomics.load(this.consumed, 0);
    const count = (Atomics.load(this.produced, 0) - from) >>> 0;
    if (count === 0) return undefined;
    const taken = new Uint8Array(count);
    const start = from & (this.bytes.length - 1);
    const first = Math.min(count, this.bytes.length - start);
    taken.set(this.bytes.subarray(start, start + first));
    taken.set(this.bytes.subarray(0, count - first), first);
    Atomics.store(this.consumed, 0, (from + count) | 0);
    Atomics.notify(this.consumed, 0);
    return taken;
  }

  /** Resolves to true when the ring isn't empty, to false when it is and `end` was called. Blocks no thread, polls nothing. */
  ready(): Promise<boolean> {
    return this.whenOther(this.produced, (produced) => produced !== Atomics.load(this.consumed, 0));
  }
}

export class RingWriter extends RingEnd {
  /** Puts in what has room now; the number of bytes that had. */
  put(bytes: Uint8Array): number {
    const at = Atomics.load(this.produced, 0);
    const used = (at - Atomics.load(this.consumed, 0)) >>> 0;
    const count = Math.min(bytes.length, this.bytes.length - used);
    const start = at & (this.bytes.length - 1);
    const first = Math.min(count, this.bytes.length - start);
    this.bytes.set(bytes.subarray(0, first), start);
    this.bytes.set(bytes.subarray(first, count), 0);
    Atomics.store(this.produced, 0, (at + count) | 0);
    return count;
  }

  /** Resolves to true when the consumer has taken everything, to false when `end` was called before. */
  drained(): Promise<boolean> {
    return this.whenOther(this.consumed, (consumed) => consumed === Atomics.load(this.produced, 0));
  }
}
