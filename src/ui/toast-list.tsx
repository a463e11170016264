import "./toast.css";
import { useEffect } from "preact/hooks";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { useStore } from "./store.ts";
import type { Toast, ToastAction, ToastStore } from "./toasts.ts";

/** Milliseconds that a message which needs no action stays. Errors stay until dismissed. */
const INFO_STAYS = 6000;

export function ToastList({ toasts }: { toasts: ToastStore }) {
  const shown = useStore(toasts, (state) => state.shown);
  return (
    <section class="toasts" aria-label="Messages" aria-live="polite">
      {shown.map((toast) => (
        <ToastView key={toast.id} toast={toast} onDismiss={() => toasts.dispatch({ type: "dismiss", id: toast.id })} />
      ))}
    </section>
  );
}

function ToastView({ toast, onDismiss }: { toast: Toast; onDismiss: () => void }) {
  const error = toast.kind === "error";
  useEffect(() => {
    if (error) return;
    const timer = setTimeout(onDismiss, INFO_STAYS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class={`toast toast-${toast.kind}`} role={error ? "alert" : "status"}>
      <span class={error ? "tone-error" : "tone-busy"}>
        <Icon name={error ? "warning" : "info"} />
      </span>
      <div class="toast-text selectable">
        <p>{toast.message}</p>
        {toast.hint && <p class="subtle">{toast.hint}</p>}
        {toast.action && <Action {...toast.action} onDone={onDismiss} />}
      </div>
      <Button kind="tool" icon="close" iconOnly label="Dismiss" onClick={onDismiss} />
    </div>
  );
}

function Action({ label, onClick, onDone }: ToastAction & { onDone: () => void }) {
  const act = () => {
    onDone();
    onClick();
  };
  return <Button label={label} onClick={act} />;
}
