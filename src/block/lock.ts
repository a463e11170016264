/** Takes the lock of that name, or resolves to undefined when somebody else has it. What it resolves to lets go. */
export type TakeLock = (name: string) => Promise<(() => void) | undefined>;

/** Web Locks: one holder in all windows and workers of the extension. A holder that dies lets go. */
export const takeWebLock: TakeLock = (name) =>
  new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(undefined);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
