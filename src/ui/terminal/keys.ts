/** The parts of a KeyboardEvent that decide. */
export type Key = Pick<KeyboardEvent, "type" | "key" | "ctrlKey" | "altKey" | "shiftKey" | "metaKey"> & {
  getModifierState?: KeyboardEvent["getModifierState"];
};

/** What the page itself does on a key in a terminal; everything else is the guest's. */
export type TerminalCommand = "copy" | "paste" | "search";

/**
 * Ctrl+Shift+C and V as in every Linux terminal; Ctrl+Shift+F searches, and so does Ctrl+F unless a full-screen program
 * (vim, less: the alternate buffer) runs, which needs the key itself.
 */
export function terminalCommand(key: Key, alternateBuffer: boolean): TerminalCommand | undefined {
  if (key.type !== "keydown" || !key.ctrlKey || key.altKey || key.metaKey) return undefined;
  const letter = key.key.toLowerCase();
  if (letter === "f" && (key.shiftKey || !alternateBuffer)) return "search";
  if (!key.shiftKey) return undefined;
  if (letter === "c") return "copy";
  return letter === "v" ? "paste" : undefined;
}

/** Recognises Ctrl+Alt pressed and let go with no other key between: the chord that leaves the guest. */
export class ReleaseChord {
  #armed = false;

  /** Feeds each key event; true when the chord is complete. AltGr, which Windows reports as Ctrl+Alt, is none. */
  feed(key: Key): boolean {
    const modifier = key.key === "Control" || key.key === "Alt";
    if (key.type === "keydown") {
      this.#armed = modifier && key.ctrlKey && key.altKey && !key.shiftKey && !key.getModifierState?.("AltGraph");
      return false;
    }
    const complete = this.#armed && modifier;
    this.#armed = false;
    return complete;
  }
}
