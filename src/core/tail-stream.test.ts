import { expect, test } from "vitest";
import { Pulse } from "./pulse.ts";
import { tailStream } from "./tail-stream.ts";

function growing() {
  const items: number[] = [];
  const grown = new Pulse();
  const stop = new AbortController();
  let cursor = 0;
  const next = () => {
    const found = items.slice(cursor);
    cursor = items.length;
    return found;
  };
  const reader = tailStream(next, grown, stop.signal).getReader();
  return { items, grown, stop, reader };
}

test("gives what is there, then waits for more", async () => {
  const { items, grown, reader } = growing();
  items.push(1);
  expect((await reader.read()).value).toBe(1);
  const pending = reader.read();
  grown.fire(); // nothing new: goes on waiting
  items.push(2);
  grown.fire();
  expect((await pending).value).toBe(2);
});

test("ends when its signal aborts, even while it waits", async () => {
  const { stop, reader } = growing();
  const pending = reader.read();
  stop.abort();
  expect((await pending).done).toBe(true);
});

test("can be cancelled while it waits", async () => {
  const { grown, reader } = growing();
  const pending = reader.read();
  await reader.cancel();
  grown.fire();
  expect((await pending).done).toBe(true);
});
