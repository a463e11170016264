import "./dialog.css";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "./button.tsx";

export interface ModalProps {
  title: string;
  narrow?: boolean;
  /** Called when the user closes it: Escape, the cross, or whatever calls it. */
  onClose: () => void;
  footer: ComponentChildren;
  children: ComponentChildren;
}

/** A native modal dialog: open as long as it is rendered, focus returns to where it was. */
export function Modal({ title, narrow, onClose, footer, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const before = document.activeElement;
    element.showModal();
    element.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog${narrow ? " dialog-narrow" : ""}`}
      aria-labelledby={heading}
      onKeyDown={(event) => event.stopPropagation()} // DevTools would open its drawer on Escape
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return; // a file chooser that was cancelled
        event.preventDefault();
        onClose();
      }}
    >
      <header class="dialog-header">
        <h2 id={heading}>{title}</h2>
        <Button kind="tool" icon="close" iconOnly label="Close" onClick={onClose} />
      </header>
      <div class="dialog-body">{children}</div>
      <footer class="dialog-footer">{footer}</footer>
    </dialog>
  );
}
