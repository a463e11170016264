/** What long work tells: how far it is, in bytes, and as its last item what came of it. */
export type Progress<T> =
  /** `total` is undefined while nobody knows it. */
  { type: "progress"; done: number; total?: number } | { type: "done"; result: T };

/**
 * Reads such work to its end and resolves to what came of it; `on` hears how far it is. When `signal` aborts, the work is
 * cancelled: it leaves nothing behind, and this rejects with the signal's reason.
 */
export async function finished<T>(
  work: ReadableStream<Progress<T>>,
  on: (done: number, total: number | undefined) => void = () => {},
  signal?: AbortSignal,
): Promise<T> {
  const reader = work.getReader();
  const cancel = () => void reader.cancel(signal?.reason).catch(() => undefined); // work that failed meanwhile
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) throw new Error("The work ended without a result.");
      if (value.type === "done") return value.result;
      on(value.done, value.total);
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}
