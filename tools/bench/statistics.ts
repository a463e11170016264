/** The value of `--rounds`; throws unless it is a whole number above zero. */
export function countOf(rounds: string): number {
  const count = Number(rounds);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--rounds is a whole number above zero, not ${rounds}.`);
  return count;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
