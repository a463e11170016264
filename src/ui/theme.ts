import { settings } from "./settings.ts";

export type ThemeName = "light" | "dark";

/** Where "auto" comes from when not from the system: DevTools has a theme of its own. */
export interface ThemeSource {
  current(): ThemeName;
  onChange(listener: () => void): void;
}

const listeners = new Set<() => void>();

/** Sets the document's theme and follows the setting and its source. `tokens.css` does the rest. */
export function followTheme(source?: ThemeSource): void {
  const apply = () => {
    const { theme } = settings.get();
    const root = document.documentElement;
    if (theme !== "auto") root.dataset.theme = theme;
    else if (source) root.dataset.theme = source.current();
    else delete root.dataset.theme; // color-scheme: light dark, so the system decides
    for (const listener of [...listeners]) listener();
  };
  settings.subscribe(apply);
  source?.onChange(apply);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  matchMedia("(forced-colors: active)").addEventListener("change", apply);
  apply();
}

/** For what can't use CSS: `listener` runs after the colours may have changed. Returns the undo. */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The colour that a role of `tokens.css` has now, as `rgb(...)`. */
export function roleColour(role: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${role})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
