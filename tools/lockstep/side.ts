import type { Profile } from "../../src/model/profile.ts";
import type { Stretch } from "./bisect.ts";
import type { LockstepGuest } from "./guests.ts";
import type { Point } from "./point.ts";

/** A QEMU that guests can be run by. */
export interface Side {
  readonly name: string;
  start(guest: LockstepGuest, stretch: Stretch): Promise<Run>;
}

/** A guest that runs. */
export interface Run {
  /** Ends when the guest powers itself off; rejects when it ends otherwise. */
  points: AsyncIterator<Point>;
  /** What the guest has written to its console. */
  console(): string;
  stop(): Promise<void>;
}

/** Date and time in the guest when it starts. */
export const CLOCK = "2026-01-01T00:00:00";

/** The guest's profile for such a run; `accel` are further options of the accelerator. */
export function lockstepProfile(profile: Profile, { from, interval, blocks }: Stretch, accel: string[] = []): Profile {
  const lockstep = [`lockstep=${interval}`, `lockstep-from=${from}`, ...(blocks ? ["lockstep-blocks=on"] : [])];
  return {
    ...profile,
    extraArgs: [
      ...["-icount", "shift=0,sleep=off", "-seed", "1", "-rtc", `base=${CLOCK},clock=vm`],
      ...["-accel", ["tcg", "thread=single", "tb-size=64", ...accel, ...lockstep].join(",")],
    ],
  };
}

/** Hands on what is pushed. */
export class Queue<T> implements AsyncIterator<T> {
  readonly #items: T[] = [];
  #end: { error?: Error } | undefined;
  #wake: () => void = () => {};

  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  /** After what was pushed: with an error, `next` rejects. */
  end(error?: Error): void {
    this.#end ??= error ? { error } : {};
    this.#wake();
  }

  async next(): Promise<IteratorResult<T>> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) return { done: false, value: item };
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
