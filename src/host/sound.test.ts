import { expect, test } from "vitest";
import { deferred } from "../core/deferred.ts";
import { Sound } from "./sound.ts";

const place = (address: number) => ({ memory: new SharedArrayBuffer(0), address });
const forever = new AbortController().signal;

/** What was opened and closed, in that order; each opening waits for `ready`. */
function speakers(ready: () => Promise<void> = async () => {}) {
  const calls: string[] = [];
  let changes = 0;
  const sound = new Sound(
    async ({ address }) => {
      calls.push(`open ${address}`);
      await ready();
      return { close: async () => void calls.push(`close ${address}`) };
    },
    () => changes++,
  );
  return { calls, sound, changes: () => changes };
}

test("is silent until it is turned on, and over the runs of the VM", async () => {
  const { calls, sound } = speakers();
  const run = new AbortController();
  await sound.attach(place(1), run.signal);
  expect(calls).toEqual([]);
  await sound.turn(true);
  await sound.turn(true);
  expect(calls).toEqual(["open 1"]);
  run.abort();
  await expect.poll(() => calls).toEqual(["open 1", "close 1"]);
  await sound.attach(place(2), forever);
  await sound.turn(false);
  expect(calls).toEqual(["open 1", "close 1", "open 2", "close 2"]);
});

test("the end of an old run leaves a new one's sound", async () => {
  const { calls, sound } = speakers();
  await sound.turn(true);
  const old = new AbortController();
  await sound.attach(place(1), old.signal);
  await sound.attach(place(2), forever);
  old.abort();
  await sound.turn(true);
  expect(calls).toEqual(["open 1", "close 1", "open 2"]);
});

test("turned off and on while it opens, it is heard by one speaker", async () => {
  const opened = deferred<void>();
  const { calls, sound } = speakers(() => opened.promise);
  await sound.attach(place(1), forever);
  const turned = [sound.turn(true), sound.turn(false), sound.turn(true)];
  opened.resolve();
  await Promise.all(turned);
  expect(
    calls.filter((call) => call.startsWith("open")).length - calls.filter((call) => call.startsWith("close")).length,
  ).toBe(1);
  expect(calls.at(-1)).toBe("open 1");
});

test("a browser that plays nothing is told, and the sound is off again", async () => {
  const { sound, changes } = speakers(() => Promise.reject(new Error("no output")));
  await sound.attach(place(1), forever);
  await expect(sound.turn(true)).rejects.toMatchObject({ code: "capability-missing" });
  expect(sound.on).toBe(false);
  expect(changes()).toBe(2);
  await sound.turn(false);
});
