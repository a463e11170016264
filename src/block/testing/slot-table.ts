/** Instead of a slot: the block reads as zeroes, or is the base's. */
export const ZERO = 0xffffffff;
export const NONE = 0xfffffffe;

/** Successive blocks in successive slots; or all of them ZERO, or NONE. */
export interface SlotRun {
  first: number;
  count: number;
  slot: number;
}

/** Blocks whose slots lie together in memory. */
const PAGE = 4096;

const EMPTY = new Uint32Array(PAGE).fill(NONE);
const CLEAR = new Uint32Array(PAGE).fill(ZERO);

/** The slot of each of a disk's blocks, or ZERO, or NONE. What is all ZERO or all NONE takes next to no memory. */
export class SlotTable {
  readonly #pages: Uint32Array[];

  constructor(readonly blocks: number) {
    this.#pages = new Array<Uint32Array>(Math.ceil(blocks / PAGE)).fill(EMPTY);
  }

  get(block: number): number {
    return this.#pages[Math.floor(block / PAGE)]?.[block % PAGE] ?? NONE;
  }

  put({ first, count, slot }: SlotRun): void {
    for (let block = first; block < first + count; ) {
      const page = Math.floor(block / PAGE);
      const end = Math.min(first + count, (page + 1) * PAGE);
      if (slot >= NONE && end - block === PAGE) this.#pages[page] = slot === ZERO ? CLEAR : EMPTY;
      else {
        const slots = this.#own(page);
        for (let n = block; n < end; n++) slots[n % PAGE] = slot >= NONE ? slot : slot + n - first;
      }
      block = end;
    }
  }

  /** All that is not NONE, in the order of the disk. */
  *runs(): Generator<SlotRun> {
    let run: SlotRun | undefined;
    for (const [page, slots] of this.#pages.entries()) {
      if (slots === EMPTY) continue;
      for (const [n, slot] of slots.entries()) {
        if (slot === NONE) continue;
        const block = page * PAGE + n;
        const follows = run && run.first + run.count === block;
        if (run && follows && slot === (slot === ZERO ? run.slot : run.slot + run.count)) run.count++;
        else {
          if (run) yield run;
          run = { first: block, count: 1, slot };
        }
      }
    }
    if (run) yield run;
  }

  #own(page: number): Uint32Array {
    const slots = this.#pages[page] ?? EMPTY;
    if (slots !== EMPTY && slots !== CLEAR) return slots;
    const own = slots.slice();
    this.#pages[page] = own;
    return own;
  }
}
