let last = 0;

/** Milliseconds since 1970, later than any that this gave before: what is sorted by it keeps the order of its making. */
export function risingTime(): number {
  last = Math.max(Date.now(), last + 1);
  return last;
}
