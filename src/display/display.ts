/** TypeScript half of `-display web` (qemu-wasm/web/display.c; layout: display.h). */
import { Waker } from "../core/waker.ts";
import type { CursorImage, Rect } from "../model/display.ts";
import { type GuestInput, InputRing } from "./input.ts";
import { readCursor, readPixels, type Surface } from "./pixels.ts";

/** Indices into the 32-bit words of `WebDisplayShared`. */
const word = {
  ...{ flag: 0, sequence: 1, viewers: 2, waiting: 3, published: 4, taken: 5 },
  input: { produced: 6, consumed: 7, size: 8, data: 9 },
  absolute: 10,
  surface: { generation: 11, data: 12, width: 13, height: 14, stride: 15, format: 16 },
  cursor: { generation: 17, data: 18, width: 19, height: 20, hotX: 21, hotY: 22, visible: 23, x: 24, y: 25 },
  dirty: 26,
  rects: 27,
};
const MOST_RECTS = 16;
const WORDS = word.rects + 4 * MOST_RECTS;

/** What QEMU published. */
export interface Screen {
  /** Moves with each new surface: of an older one nothing holds any more. */
  generation: number;
  width: number;
  height: number;
  /** What changed since the screen that was taken before. */
  dirty: Rect[];
  /** The guest takes positions, not movements. */
  absolute: boolean;
  cursor: { generation: number; visible: boolean; x: number; y: number };
}

/** The screen, keyboard and pointer of a running engine. */
export interface GuestDisplay {
  /**
   * Whether anyone watches: if not, QEMU does not even look whether anything changes. True when it publishes all of a new
   * surface next: what was taken before may be gone.
   */
  watch(on: boolean): boolean;
  /** Resolves to true when there is something to take, to false when the engine is gone. */
  published(): Promise<boolean>;
  /** What was published; QEMU goes on with the next. */
  take(): Screen;
  /** RGBA of parts of the screen that was taken last, as they are now. */
  pixels(rects: readonly Rect[]): ArrayBuffer;
  /** Of the screen that was taken last; undefined when the guest has set none. */
  cursorImage(): CursorImage | undefined;
  send(input: readonly GuestInput[]): void;
}

/** Opens the display whose shared words lie at `address` (bytes) of the engine's memory. */
export function openDisplay(memory: SharedArrayBuffer, address: number, ended: AbortSignal): GuestDisplay {
  return new SharedDisplay(memory, address, ended);
}

class SharedDisplay implements GuestDisplay {
  readonly #memory: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #ended: AbortSignal;
  readonly #engine: Waker;
  readonly #input: InputRing;
  #surface: Surface = { data: 0, width: 0, height: 0, stride: 0, format: 0 };
  #cursor: (Omit<CursorImage, "pixels"> & { data: number }) | undefined;

  constructor(memory: SharedArrayBuffer, address: number, ended: AbortSignal) {
    this.#memory = memory;
    this.#words = new Int32Array(memory, address, WORDS);
    this.#ended = ended;
    this.#engine = new Waker(memory, this.#at(word.flag), this.#at(word.sequence));
    const { produced, consumed, data, size } = word.input;
    const ring = { produced: address + 4 * produced, consumed: address + 4 * consumed };
    const place = { memory, ...ring, data: this.#at(data) >>> 0, size: this.#at(size) };
    this.#input = new InputRing(place, this.#engine, ended);
    ended.addEventListener("abort", () => Atomics.notify(this.#words, word.published), { once: true });
  }

  watch(on: boolean): boolean {
    if (Atomics.load(this.#words, word.viewers) === Number(on)) return false;
    // It may not have seen yet that nobody watched: for QEMU there was always somebody then.
    const anew = on && !this.#engine.pending;
    Atomics.store(this.#words, word.viewers, Number(on));
    this.#engine.wake();
    return anew;
  }

  async published(): Promise<boolean> {
    for (;;) {
      if (this.#ended.aborted) return false;
      const seen = Atomics.load(this.#words, word.published);
      if (seen !== Atomics.load(this.#words, word.taken)) return true;
      await Atomics.waitAsync(this.#words, word.published, seen).value;
    }
  }

  take(): Screen {
    const { surface, cursor } = word;
    this.#surface = {
      data: this.#at(surface.data) >>> 0,
      width: this.#at(surface.width),
      height: this.#at(surface.height),
      stride: this.#at(surface.stride),
      format: this.#at(surface.format),
    };
    this.#cursor = {
      data: this.#at(cursor.data) >>> 0,
      width: this.#at(cursor.width),
      height: this.#at(cursor.height),
      hotX: this.#at(cursor.hotX),
      hotY: this.#at(cursor.hotY),
    };
    const screen = {
      generation: this.#at(surface.generation),
      width: this.#surface.width,
      height: this.#surface.height,
      dirty: Array.from({ length: this.#at(word.dirty) }, (_, n) => this.#rect(word.rects + 4 * n)),
      absolute: this.#at(word.absolute) !== 0,
      cursor: {
        generation: this.#at(cursor.generation),
        visible: this.#at(cursor.visible) !== 0,
        x: this.#at(cursor.x),
        y: this.#at(cursor.y),
      },
    };
    Atomics.store(this.#words, word.taken, Atomics.load(this.#words, word.published));
    if (Atomics.exchange(this.#words, word.waiting, 0) === 1) this.#engine.wake();
    return screen;
  }

  pixels(rects: readonly Rect[]): ArrayBuffer {
    return readPixels(this.#memory, this.#surface, rects);
  }

  cursorImage(): CursorImage | undefined {
    if (!this.#cursor || this.#cursor.width === 0) return undefined;
    const { data, ...shape } = this.#cursor;
    return { ...shape, pixels: readCursor(this.#memory, data, shape.width * shape.height) };
  }

  send(input: readonly GuestInput[]): void {
    this.#input.send(input);
  }

  #at(index: number): number {
    return this.#words[index] ?? 0;
  }

  #rect(index: number): Rect {
    return { x: this.#at(index), y: this.#at(index + 1), width: this.#at(index + 2), height: this.#at(index + 3) };
  }
}
