import { expect, test } from "vitest";
import { guestPixel } from "./pointer.ts";

const canvas = (left: number, top: number, width: number, height: number) => ({
  getBoundingClientRect: () => ({ left, top, width, height }) as DOMRect,
});
const size = { width: 640, height: 480 };

test("a place on a scaled canvas is the guest's pixel that is drawn there", () => {
  const half = canvas(10, 20, 320, 240);
  expect(guestPixel({ clientX: 10, clientY: 20 }, half, size)).toEqual({ x: 0, y: 0 });
  expect(guestPixel({ clientX: 10.6, clientY: 20.4 }, half, size)).toEqual({ x: 1, y: 0 });
  expect(guestPixel({ clientX: 329.9, clientY: 259.9 }, half, size)).toEqual({ x: 639, y: 479 });
});

test("places outside, as while a button is held, are the nearest pixel", () => {
  expect(guestPixel({ clientX: -50, clientY: 5000 }, canvas(0, 0, 640, 480), size)).toEqual({ x: 0, y: 479 });
});
