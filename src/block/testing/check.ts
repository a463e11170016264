import { type ErrorCode, QemuWebError } from "../../core/errors.ts";

/** Assertions of the suites that run in Node and in Chromium. */
export function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

export async function rejects(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  const thrown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  check(thrown instanceof QemuWebError && thrown.code === code, `expected ${code}, not ${thrown}`);
}

/** Index of the first byte in which two arrays differ. */
export function differs(one: Uint8Array, other: Uint8Array): number | undefined {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return at;
  return one.length === other.length ? undefined : length;
}
