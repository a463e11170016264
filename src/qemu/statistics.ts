/**
 * What `x-accel-stats` says: QEMU's own words on TCG, and what the engine counts (qemu-wasm/web/statistics.c). Only lines that are
 * a name and one whole number are kept; the names are QEMU's.
 */
export function parseStatistics(text: string): Record<string, number> {
  const lines = text.matchAll(/^(\S.*?) +(\d+)$/gm);
  return Object.fromEntries([...lines].map(([, name = "", number]) => [name, Number(number)]));
}
