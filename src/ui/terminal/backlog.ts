const LINE_FEED = 10;
const encoder = new TextEncoder();

/** Output that waits for the terminal, in order; trimming drops the oldest and leaves a line saying so. */
export class Backlog {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #dropped = 0;

  /** Bytes that wait. */
  get size(): number {
    return this.#size;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }

  /** The next bytes, at most `most` of them but for the line about what was dropped. */
  take(most: number): Uint8Array | undefined {
    const first = this.#chunks.shift();
    if (!first) return undefined;
    if (this.#dropped > 0) {
      this.#chunks.unshift(first);
      const notice = `\x1b[0m\r\n[${this.#dropped} bytes were not shown: they came while this page was hidden]\r\n`;
      this.#dropped = 0;
      return encoder.encode(notice);
    }
    const piece = first.subarray(0, most);
    if (piece.length < first.length) this.#chunks.unshift(first.subarray(most));
    this.#size -= piece.length;
    return piece;
  }

  /** Keeps at most `limit` bytes, from the start of a line where one is near. */
  trim(limit: number): void {
    if (this.#size <= limit) return;
    const before = this.#size;
    for (let first = this.#chunks[0]; first && this.#size - first.length >= limit; first = this.#chunks[0]) {
      this.#chunks.shift();
      this.#size -= first.length;
    }
    const first = this.#chunks[0];
    if (first) {
      const least = this.#size - limit;
      const lineEnd = first.indexOf(LINE_FEED, least);
      const rest = first.subarray(lineEnd < 0 ? least : lineEnd + 1);
      this.#size -= first.length - rest.length;
      if (rest.length > 0) this.#chunks[0] = rest;
      else this.#chunks.shift();
    }
    this.#dropped += before - this.#size;
  }
}
