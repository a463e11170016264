/** Says in words where two machines first differ. */
import type { Point, PointDetails } from "./point.ts";

/** `last` is the point before, at which they were the same. */
export function describe(names: [string, string], last: Point | undefined, [a, b]: [Point, Point]): string[] {
  const lines = last
    ? [
        `Same after ${last.instructions} instructions, different after ${counts(a, b)}.`,
        `The block between begins at ${last.pc}: ${code(last.details) ?? "no bytes known"}`,
      ]
    : [`Different at the first point, after ${counts(a, b)} instructions.`];
  if (a.pc !== b.pc) lines.push(...both("PC", names, a.pc, b.pc));
  const [one, other] = [registers(a.details), registers(b.details)];
  for (const [name, value] of one) {
    const its = other.get(name);
    if (its !== value) lines.push(...both(name, names, value, its ?? "-"));
  }
  if (a.memory !== b.memory) lines.push(`Memory differs${pages(a.details, b.details)}.`);
  return lines;
}

const counts = (a: Point, b: Point) =>
  a.instructions === b.instructions ? `${a.instructions}` : `${a.instructions} and ${b.instructions}`;

function both(what: string, [one, other]: [string, string], a: string, b: string): string[] {
  return [`${what.padEnd(6)} ${one}: ${a}`, `${" ".repeat(6)} ${other}: ${b}`];
}

/** Values by register, of lines such as `RAX=0000000000000000 RBX=...`. */
function registers(details: PointDetails | undefined): Map<string, string> {
  const pairs = (details?.registers ?? []).flatMap((line) => [
    ...line.matchAll(/([A-Z][A-Z0-9]{1,4}) ?=(.*?)(?= +[A-Z][A-Z0-9]{1,4} ?=|$)/g),
  ]);
  return new Map(pairs.map(([, name = "", value = ""]) => [name, value.trim()]));
}

/** The bytes at the PC. */
function code(details: PointDetails | undefined): string | undefined {
  const text = details?.registers.find((line) => line.startsWith("Code="));
  return text?.slice(text.indexOf("<")).replace(/[<>]/g, "");
}

function pages(a: PointDetails | undefined, b: PointDetails | undefined): string {
  if (!a || !b) return "";
  const names = new Set([...a.pages.keys(), ...b.pages.keys()]);
  const different = [...names].filter((name) => a.pages.get(name) !== b.pages.get(name));
  return ` at ${different.join(", ") || "pages that neither changed in this block"}`;
}
