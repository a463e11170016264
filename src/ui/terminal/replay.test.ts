import { expect, test } from "vitest";
import { Replay } from "./replay.ts";

const CURSOR = "\x1b[24;80R";

test("answers are dropped while scroll-back streams in, and given once it is quiet", () => {
  let now = 0;
  const replay = new Replay(() => now);
  now = 100;
  replay.note(1000);
  now = 200;
  expect(replay.drops(CURSOR)).toBe(true);
  expect(replay.drops("ls\r")).toBe(false);
  expect(replay.drops("\x1b[A")).toBe(false);
  now = 300;
  expect(replay.drops(CURSOR)).toBe(false);
  now = 301;
  replay.note(1);
  expect(replay.active).toBe(false);
});

test("more than the longest scroll-back is live", () => {
  const replay = new Replay(() => 0);
  replay.note(1024 * 1024);
  expect(replay.active).toBe(false);
});
