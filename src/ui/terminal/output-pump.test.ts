import { expect, test, vi } from "vitest";
import { HIDDEN_BYTES, pumpOutput, WINDOW_BYTES } from "./output-pump.ts";

function source(bytes: number, chunk: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at >= bytes) return controller.close();
        const piece = new Uint8Array(Math.min(chunk, bytes - at));
        for (let i = 0; i < piece.length; i++) piece[i] = (at + i) % 251;
        at += piece.length;
        controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
}

test("every byte arrives in order, with a bounded number in flight", async () => {
  const total = 3_000_001;
  let seen = 0;
  let inFlight = 0;
  let most = 0;
  await pumpOutput(
    source(total, 700_000),
    (piece, done) => {
      inFlight += piece.length;
      most = Math.max(most, inFlight);
      setImmediate(() => {
        for (const byte of piece) if (byte !== seen++ % 251) throw new Error(`wrong byte at ${seen - 1}`);
        inFlight -= piece.length;
        done();
      });
    },
    { signal: new AbortController().signal },
  );
  await vi.waitFor(() => expect(seen).toBe(total));
  expect(most).toBeLessThan(WINDOW_BYTES + 16 * 1024);
});

test("a terminal that stops parsing stops the reading, and an abort ends the wait", async () => {
  const stop = new AbortController();
  let written = 0;
  const count = (piece: Uint8Array) => {
    written += piece.length;
  };
  const pump = pumpOutput(source(10_000_000, 64 * 1024), (piece) => count(piece), { signal: stop.signal });
  await vi.waitFor(() => expect(written).toBeGreaterThanOrEqual(WINDOW_BYTES));
  const before = written;
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBe(before);
  stop.abort();
  await pump;
});

test("a failing stream rejects", async () => {
  const failing = new ReadableStream<Uint8Array>({ start: (c) => c.error(new Error("lost")) });
  await expect(pumpOutput(failing, (_, done) => done(), { signal: new AbortController().signal })).rejects.toThrow(
    "lost",
  );
});

test("a hidden page lets the guest run and shows the newest once it is seen again", async () => {
  const total = 10_000_000;
  let shown = 0;
  let hidden = true;
  const waiting: (() => void)[] = [];
  const pump = pumpOutput(
    source(total, 64 * 1024),
    (piece, done) => {
      shown += piece.length;
      if (hidden) waiting.push(done);
      else setImmediate(done);
    },
    { signal: new AbortController().signal, hidden: () => hidden },
  );
  await pump; // the whole stream was read though the terminal stood still
  expect(shown).toBeLessThan(WINDOW_BYTES + 16 * 1024);
  hidden = false;
  for (const done of waiting) done();
  await vi.waitFor(() => expect(shown).toBeGreaterThan(HIDDEN_BYTES));
  expect(shown).toBeLessThan(HIDDEN_BYTES + 3 * WINDOW_BYTES);
});
