/** Which generations of a disk are in use, and by whom. Pure. */
import type { FrozenRecord, OverlayRecord } from "./overlay-database.ts";

/** All that names generations of one disk. */
export interface Chains {
  record: OverlayRecord | undefined;
  frozen: FrozenRecord[];
}

/** Of an overlay, all generations, nearest first. */
export function chainOf({ generation, layers }: Pick<OverlayRecord, "generation" | "layers">): number[] {
  return [generation, ...layers];
}

function chainsOf({ record, frozen }: Chains): number[][] {
  return [...(record ? [chainOf(record)] : []), ...frozen.map(({ layers }) => layers)];
}

export function usedGenerations(chains: Chains): Set<number> {
  return new Set(chainsOf(chains).flat());
}

/** One that nothing of the disk is in, if what no chain names was deleted. */
export function freshGeneration(chains: Chains): number {
  return Math.max(0, ...usedGenerations(chains)) + 1;
}

/**
 * Two generations that can become one: every chain with the lower has the upper right above it. None when no two can. All chains
 * agree on what lies below a generation.
 */
export function mergeable(chains: Chains): { upper: number; lower: number } | undefined {
  const above = new Map<number, Set<number | undefined>>();
  for (const chain of chainsOf(chains)) {
    for (const [n, generation] of chain.entries()) {
      const found = above.get(generation) ?? new Set();
      above.set(generation, found.add(chain[n - 1]));
    }
  }
  for (const [lower, found] of above) {
    const [upper] = found;
    if (found.size === 1 && upper !== undefined) return { upper, lower };
  }
  return undefined;
}

/** The chains without a generation, which has become part of its neighbour. */
export function withoutGeneration({ record, frozen }: Chains, gone: number): Chains {
  const [generation, ...layers] = record ? chainOf(record).filter((other) => other !== gone) : [];
  return {
    record: record && generation !== undefined ? { ...record, generation, layers } : undefined,
    frozen: frozen.map((state) => ({ ...state, layers: state.layers.filter((other) => other !== gone) })),
  };
}
