import { createStore } from "./store.ts";

/** How this user wants the pages to look; kept in the extension's own localStorage, shared by panel, tabs and popup. */
export interface UiSettings {
  theme: "auto" | "light" | "dark";
  /** Terminal font size, CSS px. */
  fontSize: number;
  /** xterm's screen-reader mode. */
  screenReader: boolean;
  /** The VM list's part of the panel's width, 0 to 1; null until the user moves the splitter. */
  listShare: number | null;
}

export const DEFAULT_SETTINGS: UiSettings = { theme: "auto", fontSize: 12, screenReader: false, listShare: null };
export const FONT_SIZES = [9, 10, 11, 12, 13, 14, 16, 18, 20, 24] as const;

const KEY = "qemuweb.ui";

/** Reads what was stored, by an older or newer version too: what doesn't fit becomes the default. */
export function parseSettings(text: string | null): UiSettings {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? "{}");
  } catch {
    stored = {};
  }
  const from: Partial<Record<keyof UiSettings, unknown>> = typeof stored === "object" && stored !== null ? stored : {};
  const { theme, fontSize, screenReader, listShare } = from;
  return {
    theme: theme === "light" || theme === "dark" ? theme : DEFAULT_SETTINGS.theme,
    fontSize: inRange(fontSize, 6, 48) ?? DEFAULT_SETTINGS.fontSize,
    screenReader: typeof screenReader === "boolean" ? screenReader : DEFAULT_SETTINGS.screenReader,
    listShare: inRange(listShare, 0, 1) ?? DEFAULT_SETTINGS.listShare,
  };
}

function inRange(value: unknown, low: number, high: number): number | undefined {
  return typeof value === "number" && value >= low && value <= high ? value : undefined;
}

const store = createStore(
  (state: UiSettings, change: Partial<UiSettings>) => ({ ...state, ...change }),
  parseSettings(globalThis.localStorage?.getItem(KEY) ?? null),
);

/** The settings; `dispatch` takes what changes and stores it. */
export const settings = {
  get: store.get,
  subscribe: store.subscribe,
  dispatch(change: Partial<UiSettings>): void {
    store.dispatch(change);
    globalThis.localStorage?.setItem(KEY, JSON.stringify(store.get()));
  },
};

globalThis.addEventListener?.("storage", (event) => {
  if (event.key === KEY) store.dispatch(parseSettings(event.newValue));
});
