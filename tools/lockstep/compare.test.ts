import { expect, it } from "vitest";
import { compare } from "./compare.ts";
import type { Point } from "./point.ts";

const point = (instructions: number, memory = "m"): Point => ({ instructions, registers: "r", memory, pc: "p" });

async function* run(...points: Point[]): AsyncGenerator<Point, void> {
  yield* points;
}

const all = Number.POSITIVE_INFINITY;

it("goes along until a guest ends", async () => {
  const result = await compare(run(point(10), point(20)), run(point(10), point(20), point(30)), all);
  expect(result).toEqual({ equal: 2, last: point(20), difference: undefined });
});

it("goes along until enough instructions are over", async () => {
  const points = [point(10), point(20), point(30)];
  expect(await compare(run(...points), run(...points), 15)).toMatchObject({ equal: 2, last: point(20) });
});

it("stops at the first difference, with the last point that was the same", async () => {
  const result = await compare(
    run(point(10), point(20), point(30)),
    run(point(10), point(20, "other"), point(30)),
    all,
  );
  expect(result).toEqual({ equal: 1, last: point(10), difference: [point(20), point(20, "other")] });
  expect((await compare(run(point(10)), run(point(12)), all)).last).toBeUndefined();
});

it("rejects as a side does", async () => {
  async function* broken(): AsyncGenerator<Point, void> {
    yield point(10);
    throw new Error("QEMU is gone");
  }
  await expect(compare(run(point(10), point(20)), broken(), all)).rejects.toThrow("QEMU is gone");
});
