import "./form.css";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ErrorData, toErrorData } from "../core/errors.ts";
import { Button } from "./button.tsx";
import { FormRefused } from "./form-refused.tsx";
import { Modal } from "./modal.tsx";
import { wasCancelled } from "./works.ts";

export interface FormDialogProps {
  title: string;
  /** What the button says. */
  submit: string;
  /** Something is lost by it: the focus begins on Cancel. */
  danger?: boolean;
  /** Why it can't be done now. */
  disabled?: string | undefined;
  /**
   * Does it; called in the user's click or key press. False: the form has problems, which it shows. What is thrown is shown in
   * place, and the dialog stays. `signal` aborts when the dialog is closed before it is done.
   */
  onSubmit: (signal: AbortSignal) => Promise<boolean>;
  onClose: () => void;
  children: ComponentChildren;
}

/** A dialog with some fields and one thing to do. Enter does it, Escape closes. */
export function FormDialog({ title, submit, danger = false, disabled, onSubmit, onClose, children }: FormDialogProps) {
  const form = useRef<HTMLFormElement>(null);
  const closed = useRef(new AbortController());
  const [refused, setRefused] = useState<ErrorData>();
  const [busy, setBusy] = useState(false);
  useEffect(() => () => closed.current.abort(), []);
  const run = async () => {
    if (busy || disabled !== undefined) return;
    setRefused(undefined);
    setBusy(true);
    try {
      if (await onSubmit(closed.current.signal)) return onClose();
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
    } catch (thrown) {
      if (!wasCancelled(thrown)) setRefused(toErrorData(thrown));
    }
    setBusy(false);
  };
  return (
    <Modal
      title={title}
      narrow
      onClose={onClose}
      footer={
        <>
          <FormRefused error={refused} />
          <Button label="Cancel" autofocus={danger} onClick={onClose} />
          <Button
            kind={danger ? "danger" : "primary"}
            label={submit}
            busy={busy}
            disabled={disabled}
            onClick={() => void run()}
          />
        </>
      }
    >
      <form
        ref={form}
        class="form"
        autocomplete="off"
        onSubmit={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          const { target } = event;
          if (event.key !== "Enter" || !(target instanceof HTMLInputElement) || target.type === "file") return;
          event.preventDefault();
          void run();
        }}
      >
        {children}
      </form>
      {disabled && <p class="tone-error">{disabled}</p>}
    </Modal>
  );
}
