/** What an AudioWorklet plays of a guest's sound: the consumer of the ring of `-audiodev web` (qemu-wasm/web/audio.c; layout: audio.h). */

/** Where the words that are shared with the engine lie. */
export interface SoundPlace {
  memory: SharedArrayBuffer;
  /** Bytes. */
  address: number;
}

/** Indices into the 32-bit words of `WebAudioShared`. */
const word = { produced: 0, consumed: 1, size: 2, data: 3, frequency: 4, listening: 5 };
const WORDS = 6;

/** Two samples of 16 bits. */
const FRAME = 4;

/**
 * Seconds of sound that are waited for before any is played, since QEMU gives it in pieces, and seconds beyond which the oldest is
 * dropped: the two clocks differ a little.
 */
const LATENCY = { least: 0.06, most: 0.2 };

/** Frames a second. */
export function frequency({ memory, address }: SoundPlace): number {
  return new Int32Array(memory, address, WORDS)[word.frequency] ?? 0;
}

/** Nobody listens any more: the engine keeps its samples for itself. */
export function silence({ memory, address }: SoundPlace): void {
  Atomics.store(new Int32Array(memory, address, WORDS), word.listening, 0);
}

export class Playout {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #samples: Int16Array<SharedArrayBuffer>;
  readonly #least: number;
  readonly #most: number;
  #playing = false;

  /** The guest is heard from now on. */
  constructor({ memory, address }: SoundPlace) {
    this.#words = new Int32Array(memory, address, WORDS);
    const at = (index: number) => (this.#words[index] ?? 0) >>> 0;
    this.#samples = new Int16Array(memory, at(word.data), at(word.size) / 2);
    this.#least = LATENCY.least * at(word.frequency) * FRAME;
    this.#most = LATENCY.most * at(word.frequency) * FRAME;
    this.#consume(Atomics.load(this.#words, word.produced)); // what an earlier listener left
    Atomics.store(this.#words, word.listening, 1);
  }

  /** Fills both channels, of -1 to 1 and equally long, with what comes next: silence while there is too little. */
  fill(left: Float32Array, right: Float32Array): void {
    let from = Atomics.load(this.#words, word.consumed);
    const available = (Atomics.load(this.#words, word.produced) - from) >>> 0;
    const wanted = left.length * FRAME;
    this.#playing = available >= (this.#playing ? wanted : Math.max(wanted, this.#least));
    if (!this.#playing) {
      left.fill(0);
      right.fill(0);
      return;
    }
    if (available > this.#most) from += available - (this.#least & -FRAME);
    const mask = this.#samples.length - 1;
    for (let n = 0; n < left.length; n++) {
      const at = ((from >>> 1) + 2 * n) & mask;
      left[n] = (this.#samples[at] ?? 0) / 32768;
      right[n] = (this.#samples[at + 1] ?? 0) / 32768;
    }
    this.#consume(from + wanted);
  }

  #consume(until: number): void {
    Atomics.store(this.#words, word.consumed, until | 0);
  }
}
