import { closer, type Stretch } from "./bisect.ts";
import { type Comparison, compare } from "./compare.ts";
import type { LockstepGuest } from "./guests.ts";
import { describe } from "./report.ts";
import type { Run, Side } from "./side.ts";

export interface Lockstep extends Comparison {
  /** What each side's console had at the end. */
  consoles: [string, string];
}

/** Runs a guest by both sides at once, up to the first difference. */
export async function lockstep(guest: LockstepGuest, sides: [Side, Side], stretch: Stretch): Promise<Lockstep> {
  const a = await sides[0].start(guest, stretch);
  let b: Run | undefined;
  try {
    b = await sides[1].start(guest, stretch);
    const comparison = await compare(a.points, b.points, stretch.until);
    return { ...comparison, consoles: [a.console(), b.console()] };
  } finally {
    await Promise.all([a.stop(), b?.stop()]);
  }
}

/**
 * Looks closer and closer at where two sides differ, which `found` says for `stretch`, down to one block; resolves to lines
 * that name it. `progress` hears of each pass.
 */
export async function search(
  guest: LockstepGuest,
  sides: [Side, Side],
  stretch: Stretch,
  found: Comparison,
  progress: (line: string) => void,
): Promise<string[]> {
  const names: [string, string] = [sides[0].name, sides[1].name];
  let seen = { stretch, found };
  for (;;) {
    const { last, difference } = seen.found;
    if (!difference) throw new Error("There is no difference to look for.");
    const equal = last?.instructions ?? 0;
    const different = Math.max(difference[0].instructions, difference[1].instructions);
    progress(`Same after ${equal} instructions, different after ${different}.`);
    const next = closer(seen.stretch, equal, different);
    if (!next) return describe(names, last, difference);
    const result = await lockstep(guest, sides, next);
    if (!result.difference) {
      return [
        ...describe(names, last, difference),
        `With a point ${next.blocks ? "at the end of each block" : `every ${next.interval} instructions`} there is no difference: ` +
          "it depends on where the vCPU is stopped.",
      ];
    }
    // The first point of a closer look may already be different: what was the same before it is known.
    seen = { stretch: next, found: { ...result, last: result.last ?? last } };
  }
}
