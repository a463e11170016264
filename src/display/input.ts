/** TypeScript half of the display's keys and pointer (qemu-wasm/web/input.c; layout: `WebInput` in display.h). */
import { type RingPlace, RingWriter } from "../core/ring.ts";
import type { Waker } from "../core/waker.ts";

/** QEMU's names of a pointer's buttons (QAPI's InputButton); a notch of the wheel is one that goes down and up. */
export type InputButton =
  | ("left" | "middle" | "right" | "side" | "extra")
  | ("wheel-up" | "wheel-down" | "wheel-left" | "wheel-right");

/** The highest absolute position; the lowest is 0. */
export const ABSOLUTE_MAX = 0x7fff;

export type GuestInput =
  /** By QEMU's name of the key (QKeyCode). */
  | { kind: "key"; key: string; down: boolean }
  | { kind: "button"; button: InputButton; down: boolean }
  | { kind: "absolute"; x: number; y: number }
  | { kind: "relative"; x: number; y: number };

const EVENT_BYTES = 32;
const NAME_AT = 12;
const KINDS = ["key", "button", "absolute", "relative"] as const;

/** Puts events into the ring; those for which it has no room yet wait here, in order. */
export class InputRing {
  readonly #ring: RingWriter;
  readonly #engine: Waker;
  #waiting: Uint8Array[] = [];

  constructor(place: RingPlace, engine: Waker, ended: AbortSignal) {
    this.#ring = new RingWriter(place);
    this.#engine = engine;
    ended.addEventListener("abort", () => this.#ring.end(), { once: true });
  }

  send(inputs: readonly GuestInput[]): void {
    const idle = this.#waiting.length === 0;
    this.#waiting.push(...inputs.map(encode));
    if (idle) void this.#flush();
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const taken = this.#waiting.findIndex((event) => this.#ring.put(event) === 0);
      this.#waiting.splice(0, taken < 0 ? this.#waiting.length : taken);
      this.#engine.wake();
      if (this.#waiting.length > 0 && !(await this.#ring.drained())) this.#waiting = [];
    }
  }
}

function encode(input: GuestInput): Uint8Array {
  const bytes = new Uint8Array(EVENT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, KINDS.indexOf(input.kind), true);
  if (input.kind === "key" || input.kind === "button") {
    view.setInt32(4, Number(input.down), true);
    bytes.set(new TextEncoder().encode(input.kind === "key" ? input.key : input.button), NAME_AT);
  } else {
    view.setInt32(4, input.x, true);
    view.setInt32(8, input.y, true);
  }
  return bytes;
}
