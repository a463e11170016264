import { Pulse } from "./pulse.ts";
import { tailStream } from "./tail-stream.ts";

/** The newest of what was pushed, `capacity` at most, and any number of readers. One that falls behind misses the oldest. */
export class Recent<T> {
  #items: T[] = [];
  /** Number of the oldest that is kept, counted from the first that ever was. */
  #first = 0;
  readonly #grown = new Pulse();

  constructor(readonly capacity: number) {}

  push(...items: T[]): void {
    this.#items.push(...items);
    const surplus = Math.max(0, this.#items.length - this.capacity);
    this.#items.splice(0, surplus);
    this.#first += surplus;
    this.#grown.fire();
  }

  /** What is kept (`since` "start") and what comes, until `signal` aborts. */
  follow(signal: AbortSignal, since: "start" | "now" = "start"): ReadableStream<T> {
    let cursor = since === "start" ? 0 : this.#first + this.#items.length;
    const next = () => {
      const items = this.#items.slice(Math.max(0, cursor - this.#first));
      cursor = this.#first + this.#items.length;
      return items;
    };
    return tailStream(next, this.#grown, signal);
  }
}
