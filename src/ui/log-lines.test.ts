import { expect, test } from "vitest";
import type { LogLine } from "../engine/api.ts";
import { appendLines, readBatches, visibleRows } from "./log-lines.ts";

const line = (text: string): LogLine => ({ time: 0, source: "stderr", text });

test("the newest lines are kept", () => {
  const lines = appendLines([line("a"), line("b")], [line("c"), line("d")], 3);
  expect(lines.map((l) => l.text)).toEqual(["b", "c", "d"]);
  expect(appendLines(lines, [])).toBe(lines);
});

test("only rows near the view are drawn", () => {
  expect(visibleRows(1000, 20, 0, 200, 2)).toEqual({ first: 0, last: 12 });
  expect(visibleRows(1000, 20, 4000, 200, 2)).toEqual({ first: 198, last: 212 });
  expect(visibleRows(5, 20, 4000, 200, 2)).toEqual({ first: 5, last: 5 });
  expect(visibleRows(0, 20, 0, 200)).toEqual({ first: 0, last: 0 });
});

test("a burst comes as few batches, complete and in order", async () => {
  const stream = new ReadableStream<number>({
    start(controller) {
      for (let i = 0; i < 1000; i++) controller.enqueue(i);
      controller.close();
    },
  });
  const batches: number[][] = [];
  await readBatches(stream, (items) => batches.push(items), new AbortController().signal);
  expect(batches.length).toBeLessThan(5);
  expect(batches.flat()).toEqual(Array.from({ length: 1000 }, (_, i) => i));
});

test("an abort ends the reading", async () => {
  const stop = new AbortController();
  const reading = readBatches(new ReadableStream<number>(), () => undefined, stop.signal);
  stop.abort();
  await reading;
});
