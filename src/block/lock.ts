/** Takes the lock of that name, or resolves to undefined when somebody else has it. What it resolves to lets go. */
export type TakeLock = (name: string) => Promise<(() => void) | undefined>;

/** Milliseconds in which the browser frees the locks of a Worker that was ended: a VM that is started again needs them. */
const PATIENCE = 1000;

/** Web Locks: one holder in all windows and workers of the extension. A holder that dies lets go. */
export const takeWebLock: TakeLock = (name) =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(PATIENCE);
    navigator.locks
      .request(name, { signal }, () => new Promise<void>((release) => resolve(release)))
      .catch((error: unknown) => (signal.aborted ? resolve(undefined) : reject(error)));
  });
