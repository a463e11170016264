import { expect, test } from "vitest";
import type { Rect } from "../model/display.ts";
import { Damage } from "./damage.ts";

const rect = (x: number, y: number, width: number, height: number): Rect => ({ x, y, width, height });

function damage(...rects: Rect[]): Damage {
  const made = new Damage();
  for (const each of rects) made.add(each);
  return made;
}

test("rectangles that touch become one, and what lies within another is nothing new", () => {
  expect(damage(rect(0, 0, 80, 16), rect(0, 16, 80, 16), rect(8, 4, 2, 2)).take()).toEqual([rect(0, 0, 80, 32)]);
});

test("rectangles apart stay apart", () => {
  const apart = [rect(0, 0, 8, 16), rect(600, 400, 8, 16)];
  expect(damage(...apart).take()).toEqual(apart);
});

test("a rectangle that joins two makes them one", () => {
  expect(damage(rect(0, 0, 10, 10), rect(20, 0, 10, 10), rect(10, 0, 10, 10)).take()).toEqual([rect(0, 0, 30, 10)]);
});

test("there are never more than 16, and nothing of what was added is lost", () => {
  const random = (() => {
    let state = 12345;
    return (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 16) % below;
    };
  })();
  for (let round = 0; round < 8; round++) {
    const rects = Array.from({ length: 60 }, () => rect(random(64), random(64), 1 + random(6), 1 + random(6)));
    const taken = damage(...rects).take();
    expect(taken.length).toBeLessThanOrEqual(16);
    for (const { x, y, width, height } of rects) {
      for (let n = 0; n < width * height; n++) {
        const [px, py] = [x + (n % width), y + Math.floor(n / width)];
        const covered = taken.some((r) => px >= r.x && px < r.x + r.width && py >= r.y && py < r.y + r.height);
        expect(covered).toBe(true);
      }
    }
  }
});

test("what was taken is gone", () => {
  const made = damage(rect(0, 0, 1, 1));
  made.addAll(640, 480);
  expect(made.take()).toEqual([rect(0, 0, 640, 480)]);
  expect(made.empty).toBe(true);
});
