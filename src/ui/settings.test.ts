import { expect, test } from "vitest";
import { DEFAULT_SETTINGS, parseSettings } from "./settings.ts";

test("nothing stored, or rubbish, gives the defaults", () => {
  for (const stored of [undefined, null, "{", [], 3]) expect(parseSettings(stored)).toEqual(DEFAULT_SETTINGS);
});

test("what fits is kept, what doesn't is not", () => {
  expect(parseSettings({ theme: "dark", fontSize: 14, screenReader: true, listShare: 1e9, other: 1 })).toEqual({
    ...DEFAULT_SETTINGS,
    theme: "dark",
    fontSize: 14,
    screenReader: true,
  });
});
