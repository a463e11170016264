import type { ToDisplay } from "../../engine/api.ts";
import { createStore } from "../store.ts";
import type { Stroke } from "./strokes.ts";

/** Milliseconds between keys: a USB keyboard is asked for a change of its keys every 8 to 10. */
const PACE = 12;

/** Types strokes one after the other, no faster than a guest takes keys. */
export class Typist {
  /** Strokes typed, of how many; `total` is 0 while nothing is typed. */
  readonly progress = createStore((_: { done: number; total: number }, now: { done: number; total: number }) => now, {
    done: 0,
    total: 0,
  });
  #stop = new AbortController();

  constructor(private readonly send: (message: ToDisplay) => void) {}

  /** Resolves when all is typed, or typing was cancelled. */
  async type(strokes: readonly Stroke[]): Promise<void> {
    this.cancel();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    for (const [done, stroke] of strokes.entries()) {
      this.progress.dispatch({ done, total: strokes.length });
      for (const code of stroke) await this.#key(code, true);
      for (const code of stroke.toReversed()) await this.#key(code, false);
      if (signal.aborted) return;
    }
    this.progress.dispatch({ done: 0, total: 0 });
  }

  cancel(): void {
    this.#stop.abort();
    this.progress.dispatch({ done: 0, total: 0 });
  }

  async #key(code: string, down: boolean): Promise<void> {
    this.send({ type: "key", code, down });
    await new Promise((resolve) => setTimeout(resolve, PACE));
  }
}
