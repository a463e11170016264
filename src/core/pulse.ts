import { deferred } from "./deferred.ts";

/** Wakes everyone who waits for "something changed"; holds no value, so a waiter looks again at what it waits for. */
export class Pulse {
  #next = deferred<void>();

  /** Resolves at the next `fire`. */
  wait(): Promise<void> {
    return this.#next.promise;
  }

  fire(): void {
    const fired = this.#next;
    this.#next = deferred<void>();
    fired.resolve();
  }
}
