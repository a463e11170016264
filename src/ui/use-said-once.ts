import { useLayoutEffect } from "preact/hooks";
import { useStore } from "./store.ts";
import type { ToastStore } from "./toasts.ts";

/** Dismisses toasts that say what the view says already: a VM that fails to start gives its reason, and the call too. */
export function useSaidOnce(toasts: ToastStore, said: readonly (string | undefined)[]): void {
  const shown = useStore(toasts, (state) => state.shown);
  useLayoutEffect(() => {
    const same = shown.find((toast) => said.includes(toast.message));
    if (same) toasts.dispatch({ type: "dismiss", id: same.id });
  });
}
