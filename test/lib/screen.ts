/** What the panel's Display tab shows, read as a person would: its text. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { quick } from "../../qemu-wasm/guests/quick.ts";
import { strokesOf } from "../../src/ui/display/strokes.ts";
import { dist } from "../../tools/build.ts";

interface Pixels {
  width: number;
  height: number;
  /** RGBA. */
  data: Uint8Array;
}

const GLYPH_ROWS = 16;

/**
 * Each glyph's rows, one bit a pixel, to the character: of the VGA BIOS's own font, and of Linux's, which differs by a few.
 * They are found in these programs by their letter A.
 */
function readFonts(): Map<string, string> {
  const letterA = Buffer.from("000010386cc6c6fec6c6c6c600000000", "hex");
  const glyphs = new Map<string, string>();
  for (const file of ["engine/firmware/vgabios-stdvga.bin", `guests/${quick.kernel}`]) {
    const program = readFileSync(join(dist, file));
    const begin = program.indexOf(letterA) - GLYPH_ROWS * 0x41;
    if (begin < 0) throw new Error(`${file} has no font of 8 by 16 pixels.`);
    for (let code = 0x7e; code >= 0x20; code--) {
      const at = begin + GLYPH_ROWS * code;
      glyphs.set(program.subarray(at, at + GLYPH_ROWS).toString("hex"), String.fromCharCode(code));
    }
  }
  return glyphs;
}

/** The text on a screen of cells of 8 or 9 by 16 pixels, any two colours each; what is no printable ASCII is "?". */
export function recognise(screen: Pixels, font = readFonts()): string {
  const cell = screen.width === 720 ? 9 : 8;
  const columns = Math.floor(screen.width / cell);
  const lines: string[] = [];
  for (let y = 0; y + GLYPH_ROWS <= screen.height; y += GLYPH_ROWS) {
    const characters = Array.from({ length: columns }, (_, n) => recogniseCell(screen, n * cell, y, font));
    lines.push(characters.join("").trimEnd());
  }
  return lines.join("\n");
}

function recogniseCell({ width, data }: Pixels, x: number, y: number, font: Map<string, string>): string {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
  const at = (row: number, column: number) => words[(y + row) * width + x + column];
  const rows = (ground: number | undefined) =>
    Buffer.from(
      Array.from({ length: GLYPH_ROWS }, (_, row) =>
        Array.from({ length: 8 }, (_, n) => Number(at(row, n) !== ground)).reduce((bits, bit) => (bits << 1) | bit, 0),
      ),
    ).toString("hex");
  const corner = rows(at(0, 0));
  return font.get(corner) ?? font.get(rows(at(0, 7))) ?? "?";
}

/** The pixels of the canvas. */
async function pixels(panel: Page): Promise<Pixels> {
  const { width, height, base64 } = await panel.locator(".screen-canvas").evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { width, height } = canvas;
    const data = canvas.getContext("2d")?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray(0);
    let binary = "";
    for (let at = 0; at < data.length; at += 32768) binary += String.fromCharCode(...data.subarray(at, at + 32768));
    return { width, height, base64: btoa(binary) };
  });
  return { width, height, data: Uint8Array.from(Buffer.from(base64, "base64")) };
}

/** The text that the Display tab shows now. */
export async function screenText(panel: Page): Promise<string> {
  return recognise(await pixels(panel));
}

/** Shows the VM's display in the panel, and gives it the keyboard. */
export async function openScreen(panel: Page): Promise<void> {
  await panel.getByRole("tab", { name: "Display" }).click();
  await panel.locator(".screen-canvas").click();
}

/** Types text by real key events, as a person with a US keyboard would. */
export async function typeKeys(panel: Page, text: string): Promise<void> {
  for (const stroke of strokesOf(text).strokes) {
    for (const code of stroke) await panel.keyboard.down(code);
    for (const code of [...stroke].reverse()) await panel.keyboard.up(code);
  }
}
