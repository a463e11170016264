import type { BlockKind } from "./overlay.ts";

/** What a generation has of a block. Data wins over a hole; with neither it is what lies below. */
export const HAS = { data: 1, hole: 2 } as const;

const NOTHING = 0;
const ZERO = 1;
const DATA = 2;

/** The generations of a disk that are written no more: which of them has a block. The nearest that says anything counts. */
export class Layers {
  /** Farthest first. */
  readonly #generations: number[] = [];
  /** By block index: NOTHING, ZERO, or DATA and the place of the generation that has it. Empty while there is none. */
  #where = new Uint16Array(0);

  /** `blocks`: of the disk. */
  constructor(readonly blocks: number) {}

  /** Puts a generation above the others. `stored`: what it has, by block index (HAS). */
  add(generation: number, stored: Uint8Array): void {
    if (this.#where.length === 0) this.#where = new Uint16Array(this.blocks);
    const where = this.#generations.push(generation) - 1 + DATA;
    for (const [index, what] of stored.entries()) {
      if (what & HAS.data) this.#where[index] = where;
      else if (what & HAS.hole) this.#where[index] = ZERO;
    }
  }

  kind(index: number): BlockKind {
    const where = this.#where[index] ?? NOTHING;
    return where === NOTHING ? "base" : where === ZERO ? "zero" : "data";
  }

  /** The generation that has the block's data. */
  generation(index: number): number | undefined {
    return this.#generations[(this.#where[index] ?? NOTHING) - DATA];
  }
}
