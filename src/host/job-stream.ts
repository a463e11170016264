import type { Job } from "../block/image-library.ts";
import type { Progress } from "../core/progress.ts";
import { Pulse } from "../core/pulse.ts";

/** Milliseconds between two of a job's words about its progress. */
const PATIENCE = 100;

/**
 * Starts `work`, and tells how far it is to whoever reads; only the newest, so that nobody holds it up. Cancelling the stream
 * ends the work, and so does `gone`; what it throws is the stream's error.
 */
export function jobStream<T>(work: (job: Job) => Promise<T>, gone: AbortSignal): ReadableStream<Progress<T>> {
  const cancelled = new AbortController();
  const changed = new Pulse();
  let news: Progress<T> | undefined;
  let last = 0;
  const running = work({
    signal: AbortSignal.any([cancelled.signal, gone]),
    progress(done, total) {
      const now = performance.now();
      if (now - last < PATIENCE) return;
      last = now;
      news = { type: "progress", done, ...(total !== undefined && { total }) };
      changed.fire();
    },
  });
  let over = false;
  const ended = () => {
    over = true;
    changed.fire();
  };
  running.then(ended, ended);
  return new ReadableStream<Progress<T>>(
    {
      async pull(controller) {
        while (!news && !over) await changed.wait();
        if (over) {
          controller.enqueue({ type: "done", result: await running });
          return controller.close();
        }
        if (news) controller.enqueue(news);
        news = undefined;
      },
      async cancel(reason) {
        cancelled.abort(reason);
        // Whoever cancels may count on it that nothing goes on.
        await running.catch(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
