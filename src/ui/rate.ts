/** Milliseconds that count: long enough to be calm, short enough to follow a network that slows down. */
const WINDOW = 5000;
/** Before that much time has passed a rate is a guess, and a time left more so. */
const SETTLED = 500;

/** How fast long work goes: bytes a second over its last seconds. */
export class Rate {
  #samples: { time: number; done: number }[] = [];

  /** `time` in milliseconds, never going back. */
  add(time: number, done: number): void {
    const oldest = this.#samples.findIndex((sample) => sample.time >= time - WINDOW);
    // The last one before the window stays, or work that tells little would have no rate.
    if (oldest > 1) this.#samples.splice(0, oldest - 1);
    this.#samples.push({ time, done });
  }

  /** Undefined while there is too little to tell from. */
  get perSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.time - first.time < SETTLED) return undefined;
    return ((last.done - first.done) * 1000) / (last.time - first.time);
  }
}
