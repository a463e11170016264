import { expect, test } from "vitest";
import { strokesOf } from "./strokes.ts";

test("every printable ASCII character has a stroke", () => {
  const ascii = Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n)).join("");
  expect(strokesOf(`${ascii}\t\n`)).toMatchObject({ missing: [], strokes: { length: 97 } });
});

test("capitals and upper signs take Shift", () => {
  expect(strokesOf("aA1!'\"").strokes).toEqual([
    ["KeyA"],
    ["ShiftLeft", "KeyA"],
    ["Digit1"],
    ["ShiftLeft", "Digit1"],
    ["Quote"],
    ["ShiftLeft", "Quote"],
  ]);
});

test("every end of a line is Enter, and what has no key is told once", () => {
  expect(strokesOf("a\r\nb\rc\nöö€")).toEqual({
    strokes: [["KeyA"], ["Enter"], ["KeyB"], ["Enter"], ["KeyC"], ["Enter"]],
    missing: ["ö", "€"],
  });
});
