import { expect, it } from "vitest";
import { closer, type Stretch } from "./bisect.ts";

/** Two machines that differ from an instruction on: the points of a stretch, and what lies around the difference. */
function look({ from, interval, until }: Stretch, differs: number): [number, number] {
  let equal = 0;
  for (let at = from; at <= until; at += interval) {
    if (at >= differs) return [equal, at];
    equal = at;
  }
  throw new Error(`Nothing differs from ${from} to ${until}.`);
}

it.each([1, 999, 1000, 77_777_777, 123_456_789])(
  "comes from millions of instructions to blocks, around %d",
  (differs) => {
    let stretch: Stretch | undefined = { from: 10_000_000, interval: 10_000_000, until: 1e9, blocks: false };
    const passes: Stretch[] = [];
    for (let equal = 0; stretch; ) {
      passes.push(stretch);
      const [before, different] = look(stretch, differs);
      equal = Math.max(equal, before);
      stretch = closer(stretch, equal, different);
    }
    expect(passes.map(({ interval }) => interval)).toEqual([10_000_000, 100_000, 1000, 1]);
    expect(passes.map(({ blocks }) => blocks)).toEqual([false, false, false, true]);
  },
);

it("begins to look at blocks before the block that an exact point may have cut", () => {
  const next = closer({ from: 1000, interval: 1000, until: 1e6, blocks: false }, 5000, 6000);
  expect(next?.from).toBeLessThan(5000 - 512);
  expect(next?.until).toBeGreaterThan(6000);
});
