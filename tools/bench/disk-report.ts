import { type Item, items, type Results } from "./disk-items.ts";
import { median } from "./statistics.ts";

/** Results of every round, by side. */
type Rounds = ReadonlyMap<string, readonly Results[]>;

/** Median of a side's MB/s at an item; undefined where it hasn't the item. */
function speed(rounds: Rounds, side: string, item: Item): number | undefined {
  const found = (rounds.get(side) ?? []).flatMap((results) => results[item] ?? []);
  return found.length === 0 ? undefined : median(found.map(({ bytes, seconds }) => bytes / 1e6 / seconds));
}

/** Medians in MB/s, and each side's ratio to the first. */
export function table(rounds: Rounds): string {
  const sides = [...rounds.keys()];
  const cells = (item: Item) => {
    const first = speed(rounds, sides[0] ?? "", item);
    return sides.map((side, n) => {
      const here = speed(rounds, side, item);
      if (here === undefined) return "-";
      return n === 0 || first === undefined ? here.toFixed(1) : `${here.toFixed(1)} (${(here / first).toFixed(2)})`;
    });
  };
  const width = Math.max(16, ...sides.map((side) => side.length + 2));
  const line = (head: string, rest: string[]) => head.padEnd(32) + rest.map((text) => text.padStart(width)).join("");
  return [line("MB/s (ratio to the first)", sides), ...items.map((item) => line(item, cells(item)))].join("\n");
}
