import { type ErrorData, toErrorData } from "../core/errors.ts";
import { createStore, type Store } from "./store.ts";

export interface Toast {
  id: number;
  kind: "error" | "info";
  message: string;
  hint?: string;
  action?: ToastAction | undefined;
}

/** What one click can do about it. */
export interface ToastAction {
  label: string;
  onClick: () => void;
}

export type ToastChange = { type: "show"; toast: Omit<Toast, "id"> } | { type: "dismiss"; id: number };

interface ToastState {
  next: number;
  shown: readonly Toast[];
}

const MOST = 4;

/** Pure: the newest last, at most four, and a text that is already shown isn't shown twice. */
export function reduceToasts(state: ToastState, action: ToastChange): ToastState {
  if (action.type === "dismiss") return { ...state, shown: state.shown.filter((toast) => toast.id !== action.id) };
  const others = state.shown.filter((toast) => toast.message !== action.toast.message);
  return { next: state.next + 1, shown: [...others, { ...action.toast, id: state.next }].slice(-MOST) };
}

export type ToastStore = Store<ToastState, ToastChange>;

export function createToasts(): ToastStore {
  return createStore(reduceToasts, { next: 1, shown: [] });
}

/** Shows what was thrown, or an error already in its plain form: a sentence and what to do. */
export function showError(toasts: ToastStore, thrown: unknown, action?: ToastAction): void {
  const { message, hint } = isErrorData(thrown) ? thrown : toErrorData(thrown);
  toasts.dispatch({ type: "show", toast: { kind: "error", message, hint, action } });
}

export function showInfo(toasts: ToastStore, message: string): void {
  toasts.dispatch({ type: "show", toast: { kind: "info", message } });
}

function isErrorData(thrown: unknown): thrown is ErrorData {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "hint" in thrown && "message" in thrown;
}
