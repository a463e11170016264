/** Which part of a run is looked at, and how closely. All are numbers of instructions. */
export interface Stretch {
  /** The first point. */
  from: number;
  /** From one point to the next. */
  interval: number;
  /** The last point. */
  until: number;
  /** Points are the ends of blocks, which are run whole: an exact point cuts the block that it lies in. */
  blocks: boolean;
}

/** Below this interval points cut so many blocks that a difference made by one of them might not show. */
const FINEST = 1000;
/** How much closer each pass looks. */
const STEP = 100;
/** More than the instructions of the longest block. */
const BLOCK = 600;

/**
 * The stretch to look at after a difference was found in `stretch`: equal after `equal` instructions, different after
 * `different`. Undefined when it was found between the ends of two blocks: there is nothing closer.
 */
export function closer(stretch: Stretch, equal: number, different: number): Stretch | undefined {
  if (stretch.blocks) return undefined;
  if (stretch.interval <= FINEST) {
    return { from: Math.max(1, equal - BLOCK), interval: 1, until: different + BLOCK, blocks: true };
  }
  const interval = Math.max(FINEST, Math.ceil(stretch.interval / STEP));
  return { from: equal + interval, interval, until: different, blocks: false };
}
