import { CheckedDevice } from "./checked-device.ts";
import type { BlockDevice } from "./device.ts";
import { unlessAborted } from "./settle.ts";

/** Bytes that are read and kept together. */
const CHUNK = 256 << 10;

/** Chunks fetched ahead of a reader that goes on where it ended. */
const AHEAD = 4;

/**
 * Keeps what was read of `base`, which doesn't change and which this owns: at most `capacity` bytes, the least recently
 * used go first. Readers of one chunk share its reading; who reads on finds the next chunks there already.
 */
export class CacheDevice extends CheckedDevice {
  readonly blockSize = CHUNK;
  /** Oldest use first; a chunk is in it from the moment that its reading begins. */
  readonly #chunks = new Map<number, Promise<Uint8Array>>();
  readonly #room: number;
  readonly #ahead: number;
  /** Where the last read ended. */
  #end = -1;

  constructor(
    readonly base: BlockDevice,
    capacity: number,
  ) {
    super();
    this.#room = Math.max(1, Math.floor(capacity / CHUNK));
    this.#ahead = Math.min(AHEAD, this.#room >> 1);
  }

  get size(): number {
    return this.base.size;
  }

  override isHole(offset: number, length: number): boolean {
    return this.base.isHole(offset, length);
  }

  protected override async readRange(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const first = Math.floor(offset / CHUNK);
    const end = Math.ceil((offset + into.length) / CHUNK);
    const reads = Array.from({ length: end - first }, (_, n) => this.#chunk(first + n));
    // Requests of one reader overtake each other a little.
    if (offset >= this.#end && offset < this.#end + CHUNK && this.#end >= 0) this.#prefetch(end);
    this.#end = offset + into.length;
    // The chunks go on without a reader that leaves: others may wait for them.
    const chunks = await unlessAborted(Promise.all(reads), signal);
    for (const [n, chunk] of chunks.entries()) {
      const at = (first + n) * CHUNK - offset;
      into.set(chunk.subarray(Math.max(0, -at), Math.min(CHUNK, into.length - at)), Math.max(0, at));
    }
  }

  protected override async release(): Promise<void> {
    this.#chunks.clear();
    await this.base.close();
  }

  #prefetch(from: number): void {
    const end = Math.min(from + this.#ahead, Math.ceil(this.size / CHUNK));
    // What fails is not kept: whoever needs the chunk reads it again, and is told.
    for (let index = from; index < end; index++) this.#chunk(index).catch(() => undefined);
  }

  #chunk(index: number): Promise<Uint8Array> {
    const kept = this.#chunks.get(index);
    const chunk = kept ?? this.#load(index);
    this.#chunks.delete(index);
    this.#chunks.set(index, chunk);
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size <= this.#room) break;
      this.#chunks.delete(oldest);
    }
    return chunk;
  }

  #load(index: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.min(CHUNK, this.size - index * CHUNK));
    const chunk = this.base.read(index * CHUNK, bytes, this.closing).then(() => bytes);
    chunk.catch(() => {
      if (this.#chunks.get(index) === chunk) this.#chunks.delete(index);
    });
    return chunk;
  }
}
