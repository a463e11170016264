const PANIC = "Kernel panic - not syncing";
const END = "---[ end Kernel panic";
/** Longest line looked at. */
const MOST = 512;

/** What a console's text told about a panic. */
export type PanicSign = { type: "panic"; detail?: string } | { type: "end" };

/**
 * Finds a Linux panic in a console's bytes, for kernels that have no pvpanic driver (kernel/panic.c prints both texts).
 * Latin-1, for it is the cheapest to decode and a console carries megabytes; both texts are ASCII.
 */
export class PanicWatch {
  #line = "";
  readonly #decoder = new TextDecoder("latin1");

  push(bytes: Uint8Array): PanicSign[] {
    const lines = (this.#line + this.#decoder.decode(bytes)).split("\n");
    this.#line = (lines.pop() ?? "").slice(-MOST);
    return lines.flatMap((line): PanicSign[] => {
      if (line.includes(END)) return [{ type: "end" }];
      const at = line.indexOf(PANIC);
      if (at < 0) return [];
      const detail = line
        .slice(at + PANIC.length)
        .replace(/^:/, "")
        .slice(0, 200)
        .trim();
      return [detail === "" ? { type: "panic" } : { type: "panic", detail }];
    });
  }
}
