/** Hands bytes to a terminal; `done` runs when it has parsed them (xterm's `Terminal.write`). */
export type TerminalWrite = (piece: Uint8Array, done: () => void) => void;

/** A piece that xterm parses well within a frame. */
const PIECE_BYTES = 16 * 1024;
/** Bytes handed over and not yet parsed: enough to keep xterm busy, little enough to stay responsive. */
export const WINDOW_BYTES = 128 * 1024;

/**
 * Moves a console's output into a terminal until the stream ends or `signal` aborts. It reads on only while less than
 * WINDOW_BYTES wait to be parsed: the stream's own back-pressure then slows the guest, and no byte is dropped.
 */
export async function pumpOutput(
  output: ReadableStream<Uint8Array>,
  write: TerminalWrite,
  signal: AbortSignal,
): Promise<void> {
  const reader = output.getReader();
  let waiting = 0;
  let wake: (() => void) | undefined;
  const onAbort = () => {
    void reader.cancel().catch(() => undefined); // the far side may be gone already
    wake?.();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) return;
      for (let at = 0; at < value.length && !signal.aborted; at += PIECE_BYTES) {
        const piece = value.subarray(at, at + PIECE_BYTES);
        waiting += piece.length;
        write(piece, () => {
          waiting -= piece.length;
          wake?.();
        });
        while (waiting >= WINDOW_BYTES && !signal.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    reader.releaseLock();
  }
}
