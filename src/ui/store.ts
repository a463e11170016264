import { useLayoutEffect, useState } from "preact/hooks";

/** A value that changes only by actions, and whoever wants to know. */
export interface Store<S, A> {
  get(): S;
  dispatch(action: A): void;
  /** Calls `listener` after each change until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

export function createStore<S, A>(reduce: (state: S, action: A) => S, initial: S): Store<S, A> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (Object.is(next, state)) return;
      state = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

type Readable<S> = Pick<Store<S, never>, "get" | "subscribe">;

/** The state of a store in a component, which renders again when the part that it selects changes. */
export function useStore<S, T>(store: Readable<S>, select: (state: S) => T): T {
  const [, render] = useState(0);
  const selected = select(store.get());
  useLayoutEffect(() => {
    let shown = selected;
    const check = () => {
      const next = select(store.get());
      if (Object.is(next, shown)) return;
      shown = next;
      render((n) => n + 1);
    };
    check(); // what changed between rendering and this effect
    return store.subscribe(check);
  });
  return selected;
}
