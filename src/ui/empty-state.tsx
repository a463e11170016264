import "./controls.css";
import type { ComponentChildren } from "preact";

/** Where there is nothing to show: a heading, one sentence, at most one button. */
export function EmptyState(props: { heading: string; text: string; busy?: boolean; children?: ComponentChildren }) {
  return (
    <div class="empty" aria-busy={props.busy ? "true" : undefined}>
      <h2>{props.heading}</h2>
      <p>{props.text}</p>
      {props.children}
    </div>
  );
}
