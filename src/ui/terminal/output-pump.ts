import { Backlog } from "./backlog.ts";

/** Hands bytes to a terminal; `done` runs when it has parsed them (xterm's `Terminal.write`). */
export type TerminalWrite = (piece: Uint8Array, done: () => void) => void;

/** A piece that xterm parses well within a frame. */
const PIECE_BYTES = 16 * 1024;
/** Bytes handed over and not yet parsed: enough to keep xterm busy, little enough to stay responsive. */
export const WINDOW_BYTES = 128 * 1024;
/** Bytes kept for a hidden page: more than its scroll-back of 10,000 usual lines. */
export const HIDDEN_BYTES = 2 * 1024 * 1024;

export interface PumpOptions {
  signal: AbortSignal;
  /** Whether the browser slows this page's timers, and with them the terminal, because nobody sees it. */
  hidden?: () => boolean;
}

/**
 * Moves a console's output into a terminal until the stream ends or `signal` aborts. It reads on only while the terminal
 * keeps up: the stream's own back-pressure then slows the guest, and no byte is dropped. A hidden page must not slow the
 * guest: there it reads on, and keeps the newest HIDDEN_BYTES for when it is seen again.
 */
export async function pumpOutput(
  output: ReadableStream<Uint8Array>,
  write: TerminalWrite,
  { signal, hidden = () => false }: PumpOptions,
): Promise<void> {
  const reader = output.getReader();
  const backlog = new Backlog();
  let parsing = 0;
  let wake: (() => void) | undefined;

  const feed = () => {
    while (parsing < WINDOW_BYTES && !signal.aborted) {
      const piece = backlog.take(PIECE_BYTES);
      if (!piece) return;
      parsing += piece.length;
      write(piece, () => {
        parsing -= piece.length;
        feed();
        wake?.();
      });
    }
  };
  const onAbort = () => {
    void reader.cancel().catch(() => undefined); // the far side may be gone already
    wake?.();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) return;
      backlog.push(value);
      feed();
      while (backlog.size > 0 && !hidden() && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      backlog.trim(HIDDEN_BYTES); // reached by a hidden page only
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    reader.releaseLock();
  }
}
