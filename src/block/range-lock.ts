import { deferred } from "../core/deferred.ts";

interface Claim {
  start: number;
  end: number;
  exclusive: boolean;
  done: Promise<void>;
}

/** Puts work on overlapping ranges in the order of the calls; shared work runs beside shared work. */
export class RangeLock {
  readonly #claims = new Set<Claim>();

  shared<T>(start: number, end: number, work: () => Promise<T>): Promise<T> {
    return this.#run(start, end, false, work);
  }

  exclusive<T>(start: number, end: number, work: () => Promise<T>): Promise<T> {
    return this.#run(start, end, true, work);
  }

  /** Resolves when all exclusive work that was called before is over; holds nothing up. */
  async settled(): Promise<void> {
    await Promise.all([...this.#claims].filter((claim) => claim.exclusive).map((claim) => claim.done));
  }

  async #run<T>(start: number, end: number, exclusive: boolean, work: () => Promise<T>): Promise<T> {
    const earlier = [...this.#claims].filter(
      (claim) => (exclusive || claim.exclusive) && claim.start < end && start < claim.end,
    );
    const done = deferred<void>();
    const claim = { start, end, exclusive, done: done.promise };
    this.#claims.add(claim);
    try {
      // Each waits only for those before it: no cycle, no deadlock.
      await Promise.all(earlier.map((claim) => claim.done));
      return await work();
    } finally {
      this.#claims.delete(claim);
      done.resolve();
    }
  }
}
