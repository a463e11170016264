/** Takes a stream of chunks of any length apart into pieces of known length. */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /**
   * Exactly `length` bytes, or undefined when the stream ends before. Takes no more memory than there are bytes: a
   * length may come from a file that lies.
   */
  async take(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const parts: Uint8Array[] = [];
    let left = length;
    while (left > 0) {
      if (!(await this.#more())) return undefined;
      const part = this.#chunk.subarray(0, left);
      parts.push(part);
      left -= part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  async atEnd(): Promise<boolean> {
    return !(await this.#more());
  }

  async cancel(reason: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }

  async #more(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) return false;
      this.#chunk = value;
    }
    return true;
  }
}
