/**
 * The last `capacity` bytes of an endless stream, addressed by their offset from its beginning.
 * Memory is taken as it fills, so an idle console costs little.
 */
export class ByteLog {
  #bytes = new Uint8Array(0);
  #end = 0;

  constructor(readonly capacity = 1 << 20) {}

  /** Offset of the oldest byte kept. */
  get start(): number {
    return Math.max(0, this.#end - this.capacity);
  }

  /** Offset after the newest byte. */
  get end(): number {
    return this.#end;
  }

  append(bytes: Uint8Array): void {
    this.#grow(this.#end + bytes.length);
    // Of a chunk longer than the log, only the tail can stay.
    const kept = bytes.subarray(Math.max(0, bytes.length - this.capacity));
    const at = (this.#end + bytes.length - kept.length) % this.capacity;
    const first = Math.min(kept.length, this.capacity - at);
    this.#bytes.set(kept.subarray(0, first), at);
    this.#bytes.set(kept.subarray(first), 0);
    this.#end += bytes.length;
  }

  /** A copy of at most `max` bytes from offset `from`, which is moved up to `start` when it is older. */
  read(from: number, max: number): Uint8Array<ArrayBuffer> {
    const begin = Math.max(from, this.start);
    const length = Math.max(0, Math.min(max, this.#end - begin));
    const at = begin % this.capacity;
    const first = Math.min(length, this.capacity - at);
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(at, at + first));
    copy.set(this.#bytes.subarray(0, length - first), first);
    return copy;
  }

  #grow(needed: number): void {
    if (needed <= this.#bytes.length || this.#bytes.length === this.capacity) return;
    const grown = new Uint8Array(Math.min(this.capacity, Math.max(needed, this.#bytes.length * 2, 4096)));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
