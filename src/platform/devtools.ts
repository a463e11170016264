/** What DevTools gives to an extension's pages: only `devtools/` and the panel inside DevTools have it. */

export interface DevtoolsTheme {
  current(): "light" | "dark";
  onChange(listener: () => void): void;
}

/** DevTools' own theme, which may differ from the system's; undefined outside of DevTools. */
export function devtoolsTheme(): DevtoolsTheme | undefined {
  const panels = globalThis.chrome?.devtools?.panels;
  if (!panels) return undefined;
  let theme: string = panels.themeName;
  return {
    current: () => (theme === "dark" ? "dark" : "light"),
    onChange(listener) {
      panels.setThemeChangeHandler?.((name) => {
        theme = name;
        listener();
      });
    },
  };
}

/** Adds a panel. Paths are absolute within the extension. */
export function createPanel(title: string, icon: string, page: string): void {
  chrome.devtools.panels.create(title, icon, page);
}
