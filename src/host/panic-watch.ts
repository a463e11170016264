const PANIC = "Kernel panic - not syncing";
const END = "---[ end Kernel panic";
/** Longest line looked at. */
const MOST = 512;
/** Milliseconds of writing after which a panic was only text, e.g. of a log that was looked at. */
const LAST_WORDS = 5000;

/** What a console's text tells: `panic`, with the kernel's words; `end`: all is said; `alive`: the guest writes on. */
export type PanicSign = { type: "panic" | "end"; detail?: string } | { type: "alive" };

/**
 * Finds a Linux panic in a console's bytes, for kernels that have no pvpanic driver (kernel/panic.c prints both texts).
 * Latin-1, for it is the cheapest to decode and a console carries megabytes; both texts are ASCII.
 */
export class PanicWatch {
  #line = "";
  #detail: { detail?: string } = {};
  #since: number | undefined;
  readonly #decoder = new TextDecoder("latin1");

  push(bytes: Uint8Array, now = Date.now()): PanicSign[] {
    const lines = (this.#line + this.#decoder.decode(bytes)).split("\n");
    this.#line = (lines.pop() ?? "").slice(-MOST);
    const signs = lines.flatMap((line) => this.#sign(line) ?? []);
    if (signs.length > 0) this.#since = signs.at(-1)?.type === "panic" ? now : undefined;
    else if (this.#since !== undefined && now - this.#since > LAST_WORDS) {
      this.#since = undefined;
      return [{ type: "alive" }];
    }
    return signs;
  }

  #sign(line: string): PanicSign | undefined {
    if (line.includes(END)) return { type: "end", ...this.#detail };
    const at = line.indexOf(PANIC);
    if (at < 0) return undefined;
    const words = line
      .slice(at + PANIC.length)
      .replace(/^:/, "")
      .slice(0, 200)
      .trim();
    this.#detail = words === "" ? {} : { detail: words };
    return { type: "panic", ...this.#detail };
  }
}
