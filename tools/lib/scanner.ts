/** How much of the output is kept for a pattern that may still match, characters. */
const KEPT = 64 * 1024;

/** Serial output in which texts are found one after another: each search starts where the one before matched. */
export class Scanner {
  #decoder = new TextDecoder();
  #text = "";
  #waiting: { pattern: string | RegExp; resolve(found: string): void } | undefined;

  push(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    this.#search();
    if (this.#text.length > 2 * KEPT) this.#text = this.#text.slice(-KEPT);
  }

  /** Resolves to what matched; one search at a time. */
  find(pattern: string | RegExp): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting = { pattern, resolve };
      this.#search();
    });
  }

  #search(): void {
    if (!this.#waiting) return;
    const { pattern, resolve } = this.#waiting;
    const match = typeof pattern === "string" ? literal(this.#text, pattern) : pattern.exec(this.#text);
    if (!match) return;
    this.#waiting = undefined;
    this.#text = this.#text.slice(match.index + match[0].length);
    resolve(match[0]);
  }
}

function literal(text: string, needle: string): { index: number; 0: string } | undefined {
  const index = text.indexOf(needle);
  return index < 0 ? undefined : { index, 0: needle };
}
