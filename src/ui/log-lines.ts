import type { LogLine } from "../engine/api.ts";

/** Lines kept for showing: the newest. */
export const LOG_LINES = 5000;

/** Adds lines and drops the oldest beyond the limit. Pure. */
export function appendLines(
  lines: readonly LogLine[],
  more: readonly LogLine[],
  limit = LOG_LINES,
): readonly LogLine[] {
  if (more.length === 0) return lines;
  return [...lines, ...more].slice(-limit);
}

/** The part of a list of equally high rows that a view of a given height shows, with some rows around it. */
export function visibleRows(
  count: number,
  rowHeight: number,
  scrollTop: number,
  height: number,
  around = 10,
): { first: number; last: number } {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - around);
  const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + around);
  return { first: Math.min(first, last), last };
}

/**
 * Collects items from a stream and hands them on in batches, at most one in `interval` ms, until the stream ends or
 * `signal` aborts.
 */
export async function readBatches<T>(
  stream: ReadableStream<T>,
  onBatch: (items: T[]) => void,
  signal: AbortSignal,
  interval = 100,
): Promise<void> {
  const reader = stream.getReader();
  let batch: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const items = batch;
    batch = [];
    if (items.length > 0 && !signal.aborted) onBatch(items);
  };
  const cancel = () => void reader.cancel().catch(() => undefined); // the far side may be gone already
  signal.addEventListener("abort", cancel, { once: true });
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) break;
      batch.push(value);
      timer ??= setTimeout(flush, interval);
    }
  } finally {
    clearTimeout(timer);
    flush();
    signal.removeEventListener("abort", cancel);
  }
}
