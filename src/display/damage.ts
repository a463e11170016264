import type { Rect } from "../model/display.ts";

/** More are not worth their overhead. */
const MOST = 16;

/** What changed on a screen and is still to be drawn: a few rectangles. The same rule as in qemu-wasm/web/display.c. */
export class Damage {
  #rects: Rect[] = [];

  get empty(): boolean {
    return this.#rects.length === 0;
  }

  /** Adds a rectangle; it is united with one that wastes no pixel by that, or, when there are many, with the one that wastes least. */
  add(rect: Rect): void {
    let added = rect;
    for (;;) {
      let best = -1;
      let least = Number.POSITIVE_INFINITY;
      for (const [index, other] of this.#rects.entries()) {
        const waste = area(unite(other, added)) - area(other) - area(added);
        if (waste >= least) continue;
        least = waste;
        best = index;
      }
      const other = this.#rects[best];
      if (!other || (least > 0 && this.#rects.length < MOST)) break;
      added = unite(other, added);
      this.#rects.splice(best, 1);
    }
    this.#rects.push(added);
  }

  /** All of a screen, whatever there was before. */
  addAll(width: number, height: number): void {
    this.#rects = [{ x: 0, y: 0, width, height }];
  }

  /** What there is; afterwards there is nothing. */
  take(): Rect[] {
    const rects = this.#rects;
    this.#rects = [];
    return rects;
  }
}

function area({ width, height }: Rect): number {
  return width * height;
}

function unite(a: Rect, b: Rect): Rect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}
