import type { ITheme } from "@xterm/xterm";
import { roleColour } from "../theme.ts";

const ANSI = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** xterm's theme from the roles of tokens.css, as they are now. */
export function terminalPalette(): ITheme {
  const theme: Record<string, string> = {
    background: roleColour("terminal"),
    foreground: roleColour("terminal-text"),
    cursor: roleColour("terminal-text"),
    cursorAccent: roleColour("terminal"),
    selectionBackground: roleColour("terminal-selection"),
  };
  for (const name of ANSI) {
    theme[name] = roleColour(`terminal-${name}`);
    theme[`bright${name.charAt(0).toUpperCase()}${name.slice(1)}`] = roleColour(`terminal-bright-${name}`);
  }
  return theme;
}

/** `rgb(1, 2, 3)` as `#010203`, the only form that xterm's search decorations take. */
export function hexColour(rgb: string): string {
  const parts = rgb.match(/\d+/g)?.slice(0, 3) ?? ["0", "0", "0"];
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}
