import { expect, test } from "vitest";
import { frequency, Playout, silence } from "./playout.ts";

const SIZE = 1 << 16;
const DATA = 64;

/** The engine's half: a ring of 48,000 frames a second, into which `play` puts frames as far as they have room. */
function engine() {
  const memory = new SharedArrayBuffer(DATA + SIZE);
  const words = new Int32Array(memory, 0, 6);
  words.set([0, 0, SIZE, DATA, 48_000, 0]);
  const samples = new Int16Array(memory, DATA);
  let next = 0;
  return {
    memory,
    words,
    /** Frames that count: left 1, 2, 3 ..., right the same below zero. */
    play(frames: number) {
      if (words[5] === 0) return;
      for (let n = 0; n < frames; n++) {
        const at = ((words[0] ?? 0) >>> 1) & (samples.length - 1);
        samples[at] = ++next % 32_768;
        samples[at + 1] = -(next % 32_768);
        words[0] = (words[0] ?? 0) + 4;
      }
    },
  };
}

function heard(playout: Playout, frames = 128): { left: number[]; right: number[] } {
  const [left, right] = [new Float32Array(frames), new Float32Array(frames)];
  playout.fill(left, right);
  const whole = (channel: Float32Array) => [...channel].map((sample) => sample * 32_768);
  return { left: whole(left), right: whole(right) };
}

test("plays what the engine gives, in its order, once enough is there", () => {
  const guest = engine();
  expect(frequency({ memory: guest.memory, address: 0 })).toBe(48_000);
  const playout = new Playout({ memory: guest.memory, address: 0 });
  guest.play(2000); // 42 ms
  expect(heard(playout).left.every((sample) => sample === 0)).toBe(true);
  guest.play(1000);
  expect(heard(playout, 3)).toEqual({ left: [1, 2, 3], right: [-1, -2, -3] });
  expect(heard(playout, 2).left).toEqual([4, 5]);
});

test("is silent when the engine stalls, until enough is there again", () => {
  const guest = engine();
  const playout = new Playout({ memory: guest.memory, address: 0 });
  guest.play(3000);
  for (let frames = 0; frames + 128 <= 3000; frames += 128) heard(playout);
  expect(heard(playout).left[0]).toBe(0);
  guest.play(1000);
  expect(heard(playout).left[0]).toBe(0);
  guest.play(2000);
  expect(heard(playout).left[0]).toBe(3000 - (3000 % 128) + 1);
});

test("drops the oldest when the engine is ahead, across the ring's end and its counters' end", () => {
  const guest = engine();
  guest.words.fill(-4 * 5000, 0, 2);
  const playout = new Playout({ memory: guest.memory, address: 0 });
  guest.play(12_000); // a quarter of a second
  expect(heard(playout, 1).left).toEqual([12_000 - 2880 + 1]);
});

test("is given nothing while nobody listens, nor what was played before", () => {
  const guest = engine();
  guest.play(3000);
  expect(guest.words[0]).toBe(0);
  const place = { memory: guest.memory, address: 0 };
  new Playout(place);
  guest.play(3000);
  silence(place);
  guest.play(3000);
  expect(guest.words[0]).toBe(4 * 3000);
  const later = new Playout(place);
  guest.play(3000);
  expect(heard(later, 1).left).toEqual([3001]);
});
