import { expect, test } from "vitest";
import { RingReader } from "../core/ring.ts";
import { Waker } from "../core/waker.ts";
import { type GuestInput, InputRing } from "./input.ts";

const EVENTS = 4;
const PLACE = { produced: 0, consumed: 4, data: 64, size: 32 * EVENTS };

function ring() {
  const memory = new SharedArrayBuffer(256);
  const ended = new AbortController();
  const input = new InputRing({ memory, ...PLACE }, new Waker(memory, 8, 12), ended.signal);
  return { memory, ended, input, engine: new RingReader({ memory, ...PLACE }) };
}

/** What QEMU makes of the bytes (WebInput in qemu-wasm/web/display.h). */
function decode(bytes: Uint8Array | undefined): [number, number, number, string][] {
  const events: [number, number, number, string][] = [];
  for (let at = 0; bytes && at < bytes.length; at += 32) {
    const view = new DataView(bytes.buffer, at, 32);
    const name = new TextDecoder().decode(bytes.subarray(at + 12, at + 32)).replace(/\0.*/, "");
    events.push([view.getUint32(0, true), view.getInt32(4, true), view.getInt32(8, true), name]);
  }
  return events;
}

const key = (key: string, down = true): GuestInput => ({ kind: "key", key, down });

test("each kind of event has its number, its values and its name", () => {
  const { memory, input, engine } = ring();
  input.send([
    key("katakanahiragana"),
    { kind: "button", button: "wheel-right", down: false },
    { kind: "absolute", x: 0x7fff, y: 0 },
    { kind: "relative", x: -3, y: 5 },
  ]);
  expect(decode(engine.take())).toEqual([
    [0, 1, 0, "katakanahiragana"],
    [1, 0, 0, "wheel-right"],
    [2, 0x7fff, 0, ""],
    [3, -3, 5, ""],
  ]);
  expect(new Int32Array(memory)[2], "QEMU is woken").toBe(1);
});

test("events that find no room wait, and come in order", async () => {
  const { memory, input, engine } = ring();
  const names = Array.from({ length: 3 * EVENTS }, (_, n) => `f${n + 1}`);
  input.send(names.slice(0, 5).map((name) => key(name)));
  input.send(names.slice(5).map((name) => key(name)));
  const words = new Int32Array(memory);
  const got: string[] = [];
  while (got.length < names.length) {
    const sequence = Atomics.load(words, 3);
    const events = decode(engine.take());
    got.push(...events.map(([, , , name]) => name));
    Atomics.notify(words, 1); // as QEMU does once the ring is empty
    if (events.length === 0) await Atomics.waitAsync(words, 3, sequence).value;
  }
  expect(got).toEqual(names);
});
