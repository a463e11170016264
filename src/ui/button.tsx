import "./controls.css";
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonProps {
  /** The accessible name, and the text unless `icon` stands alone. */
  label: string;
  icon?: IconName;
  /** An icon button shows no text; its name is its tooltip. */
  iconOnly?: boolean;
  kind?: "plain" | "primary" | "danger" | "tool";
  /** One sentence on what it does or how; the label when absent. */
  title?: string;
  /** Why it can't be used now, in one sentence. It stays focusable, so that everybody can learn the reason. */
  disabled?: string | undefined;
  /** An operation that it began still runs. */
  busy?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  shortcut?: string;
  autofocus?: boolean;
  onClick: () => void;
  children?: ComponentChildren;
}

export function Button(props: ButtonProps) {
  const { label, icon, iconOnly = false, kind = "plain", disabled, busy = false } = props;
  const inert = disabled !== undefined || busy;
  return (
    <button
      type="button"
      class={`button button-${kind}`}
      title={disabled ?? props.title ?? (iconOnly ? label : undefined)}
      aria-label={label}
      aria-disabled={inert ? "true" : undefined}
      aria-busy={busy ? "true" : undefined}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      aria-keyshortcuts={props.shortcut}
      data-autofocus={props.autofocus ? "" : undefined}
      onClick={() => {
        if (!inert) props.onClick();
      }}
    >
      {busy ? <Icon name="state-busy" /> : icon && <Icon name={icon} />}
      {!iconOnly && <span class="button-text">{props.children ?? label}</span>}
    </button>
  );
}
