import { type Point, same } from "./point.ts";

/** How far two machines went together. */
export interface Comparison {
  /** Points at which both were the same. */
  equal: number;
  /** The last of them. */
  last: Point | undefined;
  /** The first at which they weren't; none: the guest ended, or `until` was reached. */
  difference: [Point, Point] | undefined;
}

/** Takes points from both until they differ, one of the guests ends, or `until` instructions are over. */
export async function compare(a: AsyncIterator<Point>, b: AsyncIterator<Point>, until: number): Promise<Comparison> {
  let equal = 0;
  let last: Point | undefined;
  while ((last?.instructions ?? 0) < until) {
    const [one, other] = await Promise.all([a.next(), b.next()]);
    if (one.done || other.done) break;
    if (!same(one.value, other.value)) return { equal, last, difference: [one.value, other.value] };
    equal++;
    last = one.value;
  }
  return { equal, last, difference: undefined };
}
