import { expect, test, vi } from "vitest";
import { InputQueue } from "./input-queue.ts";

test("a megabyte arrives whole and in order through a slow sink", async () => {
  const stop = new AbortController();
  const sent = new Uint8Array(1_000_003).map((_, i) => i % 253);
  const got = new Uint8Array(sent.length);
  let length = 0;
  let largest = 0;
  const sink = new WritableStream<Uint8Array>({
    async write(piece) {
      await new Promise((resolve) => setImmediate(resolve));
      largest = Math.max(largest, piece.buffer.byteLength);
      got.set(piece, length);
      length += piece.length;
    },
  });
  const queue = new InputQueue();
  queue.push(sent.slice(0, 10));
  const draining = queue.drain(sink, stop.signal);
  queue.push(sent.slice(10));
  expect(queue.total).toBe(sent.length);
  await vi.waitFor(() => expect(length).toBe(sent.length), 5000);
  expect(Buffer.compare(got, sent)).toBe(0);
  expect(largest).toBeLessThanOrEqual(4096);
  await vi.waitFor(() => expect(queue.pending).toBe(0));
  stop.abort();
  await draining;
});

test("clearing drops what waits", async () => {
  const stop = new AbortController();
  let got = 0;
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const sink = new WritableStream<Uint8Array>({
    async write(piece) {
      got += piece.length;
      await gate;
    },
  });
  const queue = new InputQueue();
  queue.push(new Uint8Array(100_000));
  const draining = queue.drain(sink, stop.signal);
  await vi.waitFor(() => expect(got).toBe(4096));
  queue.clear();
  release();
  queue.push(new Uint8Array(5));
  await vi.waitFor(() => expect(got).toBe(4101));
  stop.abort();
  await draining;
});

test("what was not taken stays for the next sink", async () => {
  const first = new AbortController();
  const queue = new InputQueue();
  const idle = queue.drain(new WritableStream(), first.signal);
  first.abort();
  await idle;
  queue.push(new Uint8Array([1, 2]));
  const got: number[] = [];
  const second = new AbortController();
  const draining = queue.drain(new WritableStream({ write: (piece) => void got.push(...piece) }), second.signal);
  await vi.waitFor(() => expect(got).toEqual([1, 2]));
  second.abort();
  await draining;
});

test("a failing sink rejects", async () => {
  const queue = new InputQueue();
  queue.push(new Uint8Array(1));
  const sink = new WritableStream<Uint8Array>({
    write() {
      throw new Error("gone");
    },
  });
  await expect(queue.drain(sink, new AbortController().signal)).rejects.toThrow("gone");
});
