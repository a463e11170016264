/** Pixels out of the engine's memory, in any of pixman's packed true-colour formats, as RGBA. */
import type { Rect } from "../model/display.ts";

/** Where pixels lie in the engine's memory. */
export interface Surface {
  /** Byte offset of the first row. */
  data: number;
  width: number;
  height: number;
  /** Bytes from row to row. */
  stride: number;
  /** pixman's code (pixman.h, PIXMAN_FORMAT). */
  format: number;
}

/** A channel: where it begins in the pixel's word, and its length in bits. */
interface Channel {
  shift: number;
  bits: number;
}

interface Layout {
  bytes: number;
  red: Channel;
  green: Channel;
  blue: Channel;
}

/** pixman's types: the channels' order from the word's top, alpha (or nothing) included. */
const TYPE = { argb: 2, abgr: 3, bgra: 8, rgba: 9 } as const;

/** `x8r8g8b8` and `a8r8g8b8`, which nearly every guest uses, and the same with red and blue changed. */
const isXrgb = (format: number) => (format & 0xffff0fff) === 0x20020888;
const isXbgr = (format: number) => (format & 0xffff0fff) === 0x20030888;

/** The rectangles' pixels, RGBA, one rectangle after the other. They must lie within the surface, and it within the memory. */
export function readPixels(memory: SharedArrayBuffer, surface: Surface, rects: readonly Rect[]): ArrayBuffer {
  const pixels = new Uint32Array(rects.reduce((sum, { width, height }) => sum + width * height, 0));
  let at = 0;
  for (const rect of rects) {
    readRect(memory, surface, rect, pixels.subarray(at, at + rect.width * rect.height));
    at += rect.width * rect.height;
  }
  return pixels.buffer;
}

/** So many pixels of a8r8g8b8 from byte offset `data` on, RGBA. */
export function readCursor(memory: SharedArrayBuffer, data: number, count: number): ArrayBuffer {
  const swapped = (pixel: number) => (pixel & 0xff00ff00) | ((pixel & 0xff) << 16) | ((pixel >>> 16) & 0xff);
  return Uint32Array.from(new Uint32Array(memory, data, count), swapped).buffer;
}

function readRect(memory: SharedArrayBuffer, surface: Surface, rect: Rect, to: Uint32Array): void {
  const { data, stride, format } = surface;
  const aligned = ((data | stride) & 3) === 0;
  if (aligned && isXrgb(format)) readWords(memory, surface, rect, to, true);
  else if (aligned && isXbgr(format)) readWords(memory, surface, rect, to, false);
  else readAny(memory, surface, rect, to, layoutOf(format));
}

function readWords(memory: SharedArrayBuffer, surface: Surface, rect: Rect, to: Uint32Array, swap: boolean): void {
  const from = new Uint32Array(memory, surface.data, (surface.stride >> 2) * (surface.height - 1) + surface.width);
  let at = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    const begin = y * (surface.stride >> 2) + rect.x;
    const end = begin + rect.width;
    if (swap) {
      for (let n = begin; n < end; n++) {
        const pixel = from[n] as number;
        to[at++] = 0xff000000 | ((pixel & 0xff) << 16) | (pixel & 0xff00) | ((pixel >>> 16) & 0xff);
      }
    } else {
      for (let n = begin; n < end; n++) to[at++] = 0xff000000 | (from[n] as number);
    }
  }
}

function readAny(memory: SharedArrayBuffer, surface: Surface, rect: Rect, to: Uint32Array, layout: Layout): void {
  const { bytes, red, green, blue } = layout;
  const from = new Uint8Array(memory);
  let at = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    let place = surface.data + y * surface.stride + rect.x * bytes;
    for (let x = 0; x < rect.width; x++) {
      let pixel = 0;
      for (let n = 0; n < bytes; n++) pixel |= (from[place++] as number) << (8 * n);
      to[at++] = 0xff000000 | (channel(pixel, blue) << 16) | (channel(pixel, green) << 8) | channel(pixel, red);
    }
  }
}

/** As 8 bits; the highest value of fewer bits is 255, too. */
function channel(pixel: number, { shift, bits }: Channel): number {
  const value = (pixel >>> shift) & ((1 << bits) - 1);
  return bits === 8 ? value : Math.round((value * 255) / ((1 << bits) - 1));
}

function layoutOf(format: number): Layout {
  const bpp = format >>> 24;
  const type = (format >>> 16) & 0x3f;
  const [r, g, b] = [(format >>> 8) & 15, (format >>> 4) & 15, format & 15];
  const from = (...bits: number[]) => bits.reduce((sum, more) => sum + more, 0);
  const place = (red: number, green: number, blue: number): Layout => ({
    bytes: bpp >> 3,
    red: { shift: red, bits: r },
    green: { shift: green, bits: g },
    blue: { shift: blue, bits: b },
  });
  switch (type) {
    case TYPE.abgr:
      return place(0, from(r), from(r, g));
    case TYPE.bgra:
      return place(bpp - from(b, g, r), bpp - from(b, g), bpp - from(b));
    case TYPE.rgba:
      return place(bpp - from(r), bpp - from(r, g), bpp - from(r, g, b));
    default:
      return place(from(b, g), from(b), 0);
  }
}
