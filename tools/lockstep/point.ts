/** What QEMU with `-accel tcg,lockstep=N` prints (qemu-wasm/patches/qemu/0012-lockstep.patch). */

/** The machine after so many instructions. */
export interface Point {
  instructions: number;
  /** Digests of the vCPU's registers and of all RAM; hex. */
  registers: string;
  memory: string;
  /** Hex. */
  pc: string;
  /** Where blocks end (`lockstep-blocks=on`). */
  details?: PointDetails;
}

export interface PointDetails {
  /** Registers as QEMU's monitor shows them. */
  registers: string[];
  /** Digests of the pages that changed since the point before: by RAM block and offset, as in `pc.ram+1f000`. */
  pages: Map<string, string>;
}

/** Finds the points among the lines of QEMU's standard error. */
export class PointReader {
  #registers: string[] = [];

  /** The next line; its point, if it ends one. */
  push(line: string): Point | undefined {
    const [word, ...rest] = line.split(" ");
    if (word === "lockstep-registers") this.#registers = line.slice(line.indexOf(" ") + 1).split("|");
    else if (word === "lockstep-pages") this.#pages = rest;
    else if (word === "lockstep") return this.#point(rest);
    return undefined;
  }

  #pages: string[] | undefined;

  #point([instructions, registers = "", memory = "", pc = ""]: string[]): Point {
    const point = { instructions: Number(instructions), registers, memory, pc };
    if (!this.#pages) return point;
    const pages = new Map(this.#pages.map((page) => page.split("=") as [string, string]));
    this.#pages = undefined;
    return { ...point, details: { registers: this.#registers.filter((text) => text !== ""), pages } };
  }
}

/** Whether two machines are in the same state, as far as digests tell. */
export function same(a: Point, b: Point): boolean {
  return a.instructions === b.instructions && a.registers === b.registers && a.memory === b.memory && a.pc === b.pc;
}
