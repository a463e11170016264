import { type ErrorData, QemuWebError, toErrorData } from "../core/errors.ts";
import type { EngineApi } from "../engine/api.ts";
import { createStore, type Store } from "./store.ts";
import { noVms, reduceVms, type VmsAction, type VmsState } from "./vms.ts";

/** A page's link to the engine: it follows the events, and connects again when they end. */
export interface EngineLink {
  readonly store: Store<VmsState, VmsAction>;
  /** The connected engine. Throws `transport-lost` while there is none. */
  engine(): EngineApi;
  /** Connects now instead of after the pause. */
  retry(): void;
}

export interface LinkOptions {
  signal: AbortSignal;
  /** Called with each newly connected engine. */
  onEngine?: (engine: EngineApi) => void;
  /** Milliseconds until a connection that doesn't come up counts as lost. */
  timeout?: number;
  /** Milliseconds between attempts: the first pause, doubled each time up to sixteen times that. */
  pause?: number;
}

const LOST: ErrorData = {
  code: "transport-lost",
  message: "The connection to the engine was lost.",
  hint: "QemuWeb connects again by itself; if it doesn't, reload the extension.",
};

/**
 * Connects and keeps connected until `signal` aborts. Each connection starts from the whole list and `events(0)`, never
 * from the last number seen: an engine that had to be started again counts from one.
 */
export function linkEngine(connect: () => Promise<EngineApi>, options: LinkOptions): EngineLink {
  const { signal, timeout = 20_000, pause = 1000 } = options;
  const store = createStore(reduceVms, noVms);
  let engine: EngineApi | undefined;
  let wake: (() => void) | undefined;

  async function follow(): Promise<void> {
    store.dispatch({ type: "connecting" });
    engine = await withTimeout(connect(), timeout);
    const reader = (await engine.events(0)).getReader();
    const cancel = () => void reader.cancel().catch(() => undefined); // the far side may be gone already
    signal.addEventListener("abort", cancel, { once: true });
    try {
      options.onEngine?.(engine);
      store.dispatch({ type: "listed", vms: await engine.listVms() });
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        store.dispatch({ type: "event", event: value });
      }
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  async function run(): Promise<void> {
    let next = pause;
    while (!signal.aborted) {
      let problem = LOST;
      try {
        await follow();
        next = pause;
      } catch (thrown) {
        problem = toErrorData(thrown);
      }
      engine = undefined;
      if (signal.aborted) return;
      store.dispatch({ type: "lost", problem });
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, next);
      });
      next = Math.min(next * 2, pause * 16);
    }
  }

  void run();
  return {
    store,
    engine() {
      if (!engine) throw QemuWebError.fromData(LOST);
      return engine;
    },
    retry: () => wake?.(),
  };
}

function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new QemuWebError(
          "transport-lost",
          "The engine did not answer.",
          "Try again; if it stays like this, reload the extension on chrome://extensions.",
        ),
      );
    }, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
