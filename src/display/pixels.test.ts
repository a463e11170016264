import { expect, test } from "vitest";
import { readCursor, readPixels } from "./pixels.ts";

/** pixman.h: PIXMAN_FORMAT(bpp, type, a, r, g, b). */
const code = (bpp: number, type: number, [a, r, g, b]: readonly [number, number, number, number]) =>
  ((bpp << 24) | (type << 16) | (a << 12) | (r << 8) | (g << 4) | b) >>> 0;
const [ARGB, ABGR, BGRA, RGBA] = [2, 3, 8, 9];

/** One pixel of `bytes` somewhere in memory, read back as [r, g, b, a]. */
function pixel(format: number, bytes: number[], at = 64): number[] {
  const memory = new SharedArrayBuffer(256);
  new Uint8Array(memory).set(bytes, at);
  const surface = { data: at, width: 1, height: 1, stride: bytes.length, format };
  return [...new Uint8Array(readPixels(memory, surface, [{ x: 0, y: 0, width: 1, height: 1 }]))];
}

test.each([
  ["x8r8g8b8", code(32, ARGB, [0, 8, 8, 8]), [3, 2, 1, 0]],
  ["a8r8g8b8", code(32, ARGB, [8, 8, 8, 8]), [3, 2, 1, 77]],
  ["x8b8g8r8", code(32, ABGR, [0, 8, 8, 8]), [1, 2, 3, 0]],
  ["b8g8r8x8", code(32, BGRA, [0, 8, 8, 8]), [0, 1, 2, 3]],
  ["r8g8b8x8", code(32, RGBA, [0, 8, 8, 8]), [0, 3, 2, 1]],
  ["r8g8b8", code(24, ARGB, [0, 8, 8, 8]), [3, 2, 1]],
  ["b8g8r8", code(24, ABGR, [0, 8, 8, 8]), [1, 2, 3]],
])("%s", (_name, format, bytes) => {
  expect(pixel(format, bytes)).toEqual([1, 2, 3, 255]);
  expect(pixel(format, bytes, 65), "at an odd address").toEqual([1, 2, 3, 255]);
});

test("fewer bits are stretched to the whole range", () => {
  const r5g6b5 = code(16, ARGB, [0, 5, 6, 5]);
  expect(pixel(r5g6b5, [0xff, 0xff])).toEqual([255, 255, 255, 255]);
  expect(pixel(r5g6b5, [0x00, 0x80])).toEqual([132, 0, 0, 255]); // 16 of 31
  expect(pixel(code(16, ARGB, [0, 5, 5, 5]), [0xe0, 0x03])).toEqual([0, 255, 0, 255]);
});

test("only the rectangles are read, row by row, whatever the stride", () => {
  const memory = new SharedArrayBuffer(4096);
  const words = new Uint32Array(memory);
  for (let n = 0; n < words.length; n++) words[n] = n;
  const surface = { data: 16, width: 8, height: 8, stride: 40, format: code(32, ABGR, [0, 8, 8, 8]) };
  const rects = [
    { x: 1, y: 2, width: 2, height: 2 },
    { x: 7, y: 7, width: 1, height: 1 },
  ];
  const red = new Uint8Array(readPixels(memory, surface, rects)).filter((_, n) => n % 4 === 0);
  expect([...red]).toEqual([4 + 20 + 1, 4 + 20 + 2, 4 + 30 + 1, 4 + 30 + 2, 4 + 70 + 7]);
});

test("a cursor keeps its transparency", () => {
  const memory = new SharedArrayBuffer(64);
  new Uint32Array(memory).set([0x80010203, 0], 4);
  expect([...new Uint8Array(readCursor(memory, 16, 2))]).toEqual([1, 2, 3, 0x80, 0, 0, 0, 0]);
});
