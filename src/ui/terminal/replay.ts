/** What a terminal answers to a guest's question: cursor position, device attributes or status, a colour, a mode. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal replies begin with escape
const REPLY = /^\x1b(\[[?>]?[\d;$]*[Rcnty]|\]|P)/;

/** Scroll-back is at most this long (EngineApi's `Console.output`). */
const SCROLL_BACK_BYTES = 1024 * 1024;
/** Milliseconds without output after which what follows is live. */
const QUIET = 150;

/**
 * Knows whether a console's output is still the replay of its scroll-back. Questions in it were answered long ago: an
 * answer now would be typed into the guest's shell.
 */
export class Replay {
  #left = SCROLL_BACK_BYTES;
  #until: number;

  constructor(private readonly now: () => number = Date.now) {
    this.#until = now() + QUIET;
  }

  /** Notes output that arrived. */
  note(bytes: number): void {
    if (!this.active) return;
    this.#left -= bytes;
    this.#until = this.now() + QUIET;
  }

  get active(): boolean {
    if (this.#left <= 0 || this.now() >= this.#until) this.#left = 0;
    return this.#left > 0;
  }

  /** Whether `data` from the terminal is such a late answer. */
  drops(data: string): boolean {
    return this.active && REPLY.test(data);
  }
}
