/** What may go better the next time: the server is busy or broken, the connection was lost. */
export class Transient extends Error {}

/** Milliseconds before each new try after the first; a try that got something begins the list anew. */
export const BACKOFF: readonly number[] = [200, 500, 1000, 2000, 4000];

/** Throws `Transient` for an answer that is worth another try. */
export function checkStatus(response: Response): void {
  const { status } = response;
  if (status >= 500 || status === 429 || status === 408) throw new Transient(`the server answers ${status}`);
}

/**
 * Calls `attempt` until it resolves. It says with `progress` that it got something. Rejects with the last `Transient`
 * (or what `fetch` throws for a lost connection, made one) when the list is at its end, and at once with anything else.
 */
export async function retrying<T>(
  backoff: readonly number[],
  signal: AbortSignal,
  attempt: (progress: () => void) => Promise<T>,
): Promise<T> {
  let failures = 0;
  const progress = () => {
    failures = 0;
  };
  for (;;) {
    try {
      return await attempt(progress);
    } catch (thrown) {
      signal.throwIfAborted();
      // A TypeError is all that fetch and its streams tell about networks.
      const lost = thrown instanceof TypeError ? new Transient("the connection was lost", { cause: thrown }) : thrown;
      const wait = backoff[failures++];
      if (!(lost instanceof Transient) || wait === undefined) throw lost;
      await pause(wait, signal);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", abort, { once: true });
  });
}
