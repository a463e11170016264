import { Rate } from "./rate.ts";
import { createStore, type Store } from "./store.ts";

/** Long work that a page has begun: an import, an export. It goes on whatever the page shows. */
export interface Work {
  id: number;
  /** `Importing debian.qcow2`. */
  title: string;
  /** Bytes, as are `total` and `rate`, which is per second. */
  done: number;
  total?: number | undefined;
  rate?: number | undefined;
  cancelling: boolean;
}

type Change = (works: readonly Work[]) => readonly Work[];

export type Report = (done: number, total?: number) => void;

/** The long work of a page, in the order of its beginning. */
export class Works {
  readonly store: Store<readonly Work[], Change>;
  readonly #cancels = new Map<number, AbortController>();
  readonly #now: () => number;
  #next = 1;

  constructor(now = () => performance.now()) {
    this.#now = now;
    this.store = createStore((works: readonly Work[], change: Change) => change(works), []);
  }

  /**
   * Shows `work` while it runs, and hands on what comes of it. It rejects with an `AbortError` after `cancel`, or when `signal`
   * aborts, if the work does as its own signal says.
   */
  async run<T>(
    title: string,
    work: (report: Report, signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const id = this.#next++;
    const cancel = new AbortController();
    const rate = new Rate();
    this.#cancels.set(id, cancel);
    this.store.dispatch((works) => [...works, { id, title, done: 0, cancelling: false }]);
    const report = (done: number, total?: number) => {
      rate.add(this.#now(), done);
      this.#change(id, { done, total, rate: rate.perSecond });
    };
    try {
      return await work(report, signal ? AbortSignal.any([signal, cancel.signal]) : cancel.signal);
    } finally {
      this.#cancels.delete(id);
      this.store.dispatch((works) => works.filter((other) => other.id !== id));
    }
  }

  cancel(id: number): void {
    this.#change(id, { cancelling: true });
    this.#cancels.get(id)?.abort(); // the reason is an AbortError
  }

  #change(id: number, change: Partial<Work>): void {
    this.store.dispatch((works) => works.map((work) => (work.id === id ? { ...work, ...change } : work)));
  }
}

/** Whether work ended because its user cancelled it. */
export function wasCancelled(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}
