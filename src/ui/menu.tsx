import "./controls.css";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

export interface MenuItem {
  label: string;
  icon?: IconName;
  disabled?: string | undefined;
  onSelect: () => void;
}

export interface MenuProps {
  label: string;
  /** Where it opens, in client coordinates; it stays within the window. */
  at: { x: number; y: number };
  items: readonly MenuItem[];
  onClose: () => void;
}

/** A context menu in the top layer; it closes on a choice, Escape, or a click elsewhere. */
export function Menu({ label, at, items, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    const before = document.activeElement;
    element.showPopover();
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(0, Math.min(at.x, innerWidth - width))}px`;
    element.style.top = `${Math.max(0, Math.min(at.y, innerHeight - height))}px`;
    element.querySelector<HTMLElement>("button")?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      return onClose();
    }
    const buttons = [...(menu.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const at = document.activeElement instanceof HTMLElement ? buttons.indexOf(document.activeElement) : -1;
    const last = buttons.length - 1;
    const to = { ArrowUp: at > 0 ? at - 1 : last, ArrowDown: at < last ? at + 1 : 0, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    buttons[to]?.focus();
  };
  return (
    <div
      ref={menu}
      class="menu"
      role="menu"
      aria-label={label}
      popover="auto"
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onToggle={(event) => event.newState === "closed" && onClose()}
    >
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          class="menu-item"
          tabIndex={-1}
          title={item.disabled}
          aria-disabled={item.disabled === undefined ? undefined : "true"}
          onClick={() => {
            if (item.disabled !== undefined) return;
            onClose();
            item.onSelect();
          }}
        >
          {item.icon && <Icon name={item.icon} />}
          {item.label}
        </button>
      ))}
    </div>
  );
}
