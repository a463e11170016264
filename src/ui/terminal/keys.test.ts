import { expect, test } from "vitest";
import { type Key, ReleaseChord, terminalCommand } from "./keys.ts";

function key(name: string, mods = "", type = "keydown"): Key {
  const has = (mod: string) => mods.includes(mod);
  return { type, key: name, ctrlKey: has("C"), altKey: has("A"), shiftKey: has("S"), metaKey: has("M") };
}

test("copy and paste need Shift, so that Ctrl+C and Ctrl+V reach the guest", () => {
  expect(terminalCommand(key("C", "CS"), false)).toBe("copy");
  expect(terminalCommand(key("V", "CS"), false)).toBe("paste");
  expect(terminalCommand(key("c", "C"), false)).toBeUndefined();
  expect(terminalCommand(key("v", "C"), false)).toBeUndefined();
  expect(terminalCommand(key("C", "CS", "keyup"), false)).toBeUndefined();
});

test("Ctrl+F searches but in a full-screen program", () => {
  expect(terminalCommand(key("f", "C"), false)).toBe("search");
  expect(terminalCommand(key("f", "C"), true)).toBeUndefined();
  expect(terminalCommand(key("F", "CS"), true)).toBe("search");
  expect(terminalCommand(key("f", "CA"), false)).toBeUndefined();
});

test("Escape and DevTools' own keys are the guest's", () => {
  expect(terminalCommand(key("Escape"), false)).toBeUndefined();
  expect(terminalCommand(key("P", "CS"), false)).toBeUndefined();
});

function chord(...keys: Key[]): boolean {
  const release = new ReleaseChord();
  return keys.map((k) => release.feed(k)).some(Boolean);
}

test("Ctrl+Alt alone releases, with another key it doesn't", () => {
  const down = [key("Control", "C"), key("Alt", "CA")];
  expect(chord(...down, key("Alt", "C", "keyup"))).toBe(true);
  expect(chord(...down, key("t", "CA"), key("t", "CA", "keyup"), key("Alt", "C", "keyup"))).toBe(false);
  expect(chord(key("Control", "C"), key("Control", "", "keyup"))).toBe(false);
  const altGr = { ...key("Alt", "CA"), getModifierState: () => true };
  expect(chord(key("Control", "C"), altGr, key("Alt", "C", "keyup"))).toBe(false);
});
