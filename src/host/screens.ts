/** What the consoles of a VM show, kept with its state. */
import type { ConsoleHub } from "./console-hub.ts";

/** Bytes of a console's output that are kept. */
const SCREEN = 16 << 10;

/** What each console shows, and some of what it showed before; base64. */
export function screensOf(consoles: ReadonlyMap<string, ConsoleHub>): Record<string, string> {
  return Object.fromEntries([...consoles].map(([id, hub]) => [id, base64(hub.tail(SCREEN))]));
}

/** Has the consoles show it again. */
export function recallScreens(consoles: ReadonlyMap<string, ConsoleHub>, screens: Record<string, string> = {}): void {
  for (const [id, text] of Object.entries(screens)) consoles.get(id)?.recall(bytesOf(text));
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
