/** One write to the guest: small enough that a cancelled paste stops soon, large enough for 1 MB in 256 writes. */
const WRITE_BYTES = 4096;

/**
 * What was typed or pasted and the guest has not taken yet. Pushing never blocks; `drain` writes piece by piece and
 * awaits each, so a megabyte of paste flows at the guest's pace.
 */
export class InputQueue {
  #pieces: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #waiting = 0;
  #writing = 0;
  #pushed = 0;

  /** `onChange` runs whenever `pending` changes. */
  constructor(private readonly onChange: () => void = () => undefined) {}

  /** Bytes that wait, the ones being written included. */
  get pending(): number {
    return this.#waiting + this.#writing;
  }

  /** Bytes pushed since the queue was last empty: what `pending` is a part of. */
  get total(): number {
    return this.#pushed;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.pending === 0) this.#pushed = 0;
    this.#pieces.push(bytes);
    this.#waiting += bytes.length;
    this.#pushed += bytes.length;
    this.#wake?.();
    this.onChange();
  }

  /** Drops what waits; the piece that is being written still arrives. */
  clear(): void {
    this.#pieces = [];
    this.#waiting = 0;
    this.onChange();
  }

  /** Writes what is pushed, now and later, until `signal` aborts or a write fails. */
  async drain(input: WritableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    const writer = input.getWriter();
    const onAbort = () => {
      this.#wake?.();
      void writer.abort().catch(() => undefined); // the far side may be gone already
    };
    signal.addEventListener("abort", onAbort, { once: true });
    writer.closed.catch(() => undefined); // reported by the write that fails
    try {
      while (!signal.aborted) {
        const piece = this.#take();
        if (!piece) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          continue;
        }
        this.#writing = piece.length;
        await writer.write(piece).finally(() => {
          this.#writing = 0;
        });
        this.onChange();
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      signal.removeEventListener("abort", onAbort);
      writer.releaseLock();
    }
  }

  /** Copies what it takes: the port would clone the whole buffer behind a view. */
  #take(): Uint8Array | undefined {
    const first = this.#pieces[0];
    if (!first) return undefined;
    const piece = first.slice(0, WRITE_BYTES);
    if (piece.length === first.length) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(piece.length);
    this.#waiting -= piece.length;
    return piece;
  }
}
