import { expect, test } from "vitest";
import { hexColour } from "./palette.ts";

test("computed colours become hexadecimal", () => {
  expect(hexColour("rgb(255, 224, 10)")).toBe("#ffe00a");
  expect(hexColour("rgba(0, 1, 2, 0.5)")).toBe("#000102");
  expect(hexColour("")).toBe("#000000");
});
