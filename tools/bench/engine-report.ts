/** What `engine-bench` in a guest printed (qemu-wasm/guests/bench), and the table that sides make of it. */
import { median } from "./statistics.ts";

/** A line of the guest's console, and when it was read: milliseconds of the host's clock. */
export interface ReadLine {
  text: string;
  at: number;
}

export interface ItemResult {
  /** By the host's clock. */
  nanosecondsPerOperation: number;
  checksum: string;
}

export interface BenchRun {
  items: Map<string, ItemResult>;
  /** Seconds of the guest's clock in one of the host's. */
  clock: number;
}

/** One round: the run of each side, by the side's name. */
export type Round = ReadonlyMap<string, BenchRun>;

/**
 * A run's lines, from the command to the next prompt. Times are converted to the host's clock, since a guest's may be fast or slow:
 * the TSC of native QEMU is the host's, whatever the kernel was told of it. Throws what the program complains about.
 */
export function parseRun(lines: readonly ReadLine[]): BenchRun {
  const errors = lines.flatMap(({ text }) => /^bench-error (.*)/.exec(text)?.[1] ?? []);
  if (errors.length > 0) throw new Error(errors.join("\n"));
  const begin = mark(lines, "bench-begin");
  const end = mark(lines, "bench-end");
  const clock = (end.guest - begin.guest) / (end.host - begin.host);
  const items = new Map<string, ItemResult>();
  for (const { text } of lines) {
    const [, name, operations, nanoseconds, checksum] = /^item (\S+) (\d+) (\d+) ([0-9a-f]{16})$/.exec(text) ?? [];
    if (name === undefined || checksum === undefined) continue;
    items.set(name, { nanosecondsPerOperation: Number(nanoseconds) / Number(operations) / clock, checksum });
  }
  return { items, clock };
}

/** Nanoseconds of both clocks at a line that only says the guest's. */
function mark(lines: readonly ReadLine[], word: string): { guest: number; host: number } {
  for (const { text, at } of lines) {
    const guest = new RegExp(`^${word} (\\d+)$`).exec(text)?.[1];
    if (guest !== undefined) return { guest: Number(guest), host: at * 1e6 };
  }
  const said = lines.map(({ text }) => text).join("\n");
  throw new Error(`engine-bench printed no ${word}, but:\n${said}`);
}

/** Throws unless every run of every side has the same items, each with the same checksum: naming those that differ. */
export function checkSums(rounds: readonly Round[]): void {
  const runs = rounds.flatMap((round, n) => [...round].map(([side, run]) => ({ side, n: n + 1, run })));
  const names = new Set(runs.flatMap(({ run }) => [...run.items.keys()]));
  const differing = [...names].flatMap((name) => {
    const sums = runs.map(({ side, n, run }) => ({ side, n, sum: run.items.get(name)?.checksum ?? "nothing" }));
    if (new Set(sums.map(({ sum }) => sum)).size === 1) return [];
    return [`${name}: ${sums.map(({ side, n, sum }) => `${side} ${sum} (round ${n})`).join(", ")}`];
  });
  if (differing.length === 0) return;
  throw new Error(`The sides don't compute the same; one of them is wrong:\n${differing.join("\n")}`);
}

/** Medians over the rounds, their ratios to the side `reference`, and the geometric mean of the ratios. */
export function report(rounds: readonly Round[], reference: string): string {
  const sides = [...(rounds[0]?.keys() ?? [])];
  const compared = sides.filter((side) => side !== reference);
  const runs = (side: string) => rounds.flatMap((round) => round.get(side) ?? []);
  const time = (side: string, item: string) =>
    median(runs(side).map((run) => run.items.get(item)?.nanosecondsPerOperation ?? Number.NaN));
  const ratio = (side: string, item: string) => time(side, item) / time(reference, item);
  const items = [...(runs(reference)[0]?.items.keys() ?? [])];
  const rows = [
    ["item", ...sides.map((side) => `${side} ns/op`), ...compared.map((side) => `${side}/${reference}`)],
    ...items.map((item) => [
      item,
      ...sides.map((side) => nanoseconds(time(side, item))),
      ...compared.map((side) => ratio(side, item).toFixed(2)),
    ]),
    [
      "geometric mean",
      ...sides.map(() => ""),
      ...compared.map((side) => geometricMean(items.map((item) => ratio(side, item))).toFixed(2)),
    ],
  ];
  const clocks = sides.map((side) => `${side} ${median(runs(side).map((run) => run.clock)).toFixed(3)}`);
  return `${align(rows)}\n\nGuest seconds in a second of the host's, by which all times are: ${clocks.join(", ")}.`;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function nanoseconds(value: number): string {
  return value < 1000 ? value.toFixed(2) : Math.round(value).toLocaleString("en");
}

/** The first column to the left, the others to the right. */
function align(rows: readonly string[][]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(width(0)) : text.padStart(width(column) + 2);
  return rows.map((row) => row.map(cell).join("").trimEnd()).join("\n");
}
