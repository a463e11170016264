import { createStore } from "./store.ts";

/** How this user wants the pages to look; kept by the extension, shared by panel, tabs and popup. */
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

/** Where settings are kept: src/platform/settings-area.ts. */
export interface SettingsArea {
  read(key: string): Promise<unknown>;
  write(key: string, value: unknown): Promise<void>;
  follow(key: string, changed: (value: unknown) => void): void;
}

/** Reads what was stored, by an older or newer version too: what doesn't fit becomes the default. */
export function parseSettings(stored: unknown): UiSettings {
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
  DEFAULT_SETTINGS,
);
let area: SettingsArea | undefined;

/** Loads what was stored and follows what other pages change; resolves before the first view should be drawn. */
export async function loadSettings(from: SettingsArea): Promise<void> {
  area = from;
  from.follow(KEY, (value) => store.dispatch(parseSettings(value)));
  store.dispatch(parseSettings(await from.read(KEY)));
}

/** The settings; `dispatch` takes what changes and stores it. */
export const settings = {
  get: store.get,
  subscribe: store.subscribe,
  dispatch(change: Partial<UiSettings>): void {
    store.dispatch(change);
    // A setting that can't be stored still holds for this page.
    area?.write(KEY, store.get()).catch((error: unknown) => console.warn("The settings were not stored.", error));
  },
};
