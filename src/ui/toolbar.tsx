import "./controls.css";
import type { ComponentChildren } from "preact";

/** A row of tools. Tab reaches each; Left, Right, Home and End move between them too. */
export function Toolbar({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="toolbar" role="toolbar" aria-label={label} onKeyDown={moveBetweenButtons}>
      {children}
    </div>
  );
}

export function ToolbarDivider() {
  return <span class="toolbar-divider" />;
}

export function ToolbarSpacer() {
  return <span class="toolbar-spacer" />;
}

function moveBetweenButtons(event: KeyboardEvent): void {
  const bar = event.currentTarget;
  const from = event.target;
  if (!(bar instanceof HTMLElement) || !(from instanceof HTMLButtonElement)) return; // a field keeps its arrow keys
  const tools = [...bar.querySelectorAll<HTMLElement>("button, input, select")];
  const at = tools.indexOf(from);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tools.length - 1 }[event.key];
  const tool = to === undefined ? undefined : tools[to];
  if (!tool) return;
  event.preventDefault();
  tool.focus();
}
