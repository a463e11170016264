import type { Pulse } from "./pulse.ts";

/**
 * A stream over something that grows: `next` gives what lies after the reader's own cursor, or nothing yet. The reader
 * pulls, so a slow one holds no queue. It ends when `signal` aborts; `left` is called once, however it ends.
 */
export function tailStream<T>(
  next: () => T[],
  grown: Pulse,
  signal: AbortSignal,
  left: () => void = () => {},
): ReadableStream<T> {
  let cancelled = false;
  // Waking every reader is harmless, and cheaper than a promise per wait that lives as long as the signal.
  const over = () => {
    left();
    grown.fire();
  };
  signal.addEventListener("abort", over, { once: true });
  return new ReadableStream<T>(
    {
      async pull(controller) {
        while (!cancelled && !signal.aborted) {
          const items = next();
          for (const item of items) controller.enqueue(item);
          if (items.length > 0) return;
          await grown.wait();
        }
        if (!cancelled) controller.close();
      },
      cancel() {
        cancelled = true;
        signal.removeEventListener("abort", over);
        over();
      },
    },
    { highWaterMark: 0 },
  );
}
