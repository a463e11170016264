import { expect, test } from "vitest";
import { finished, type Progress } from "./progress.ts";

function work(items: Progress<string>[], end: "close" | "wait" | Error = "close") {
  const seen: { cancelled?: unknown } = {};
  const stream = new ReadableStream<Progress<string>>(
    {
      pull(controller) {
        const item = items.shift();
        if (item) controller.enqueue(item);
        else if (end === "close") controller.close();
        else if (end !== "wait") controller.error(end);
        else return new Promise(() => {});
        return undefined;
      },
      cancel: (reason) => {
        seen.cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

test("tells how far work is, and what came of it", async () => {
  const told: unknown[] = [];
  const { stream } = work([
    { type: "progress", done: 1 },
    { type: "progress", done: 2, total: 3 },
    { type: "done", result: "it" },
  ]);
  expect(await finished(stream, (...how) => told.push(how))).toBe("it");
  expect(told).toEqual([
    [1, undefined],
    [2, 3],
  ]);
});

test("rejects with the work's error, and when it has no result", async () => {
  await expect(finished(work([], new Error("full")).stream)).rejects.toThrow("full");
  await expect(finished(work([]).stream)).rejects.toThrow("without a result");
});

test("a signal cancels the work, before and while it runs", async () => {
  const reason = new Error("enough");
  const before = work([], "wait");
  await expect(finished(before.stream, undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(before.seen.cancelled).toBe(reason);
  const stop = new AbortController();
  const during = work([{ type: "progress", done: 1 }], "wait");
  await expect(finished(during.stream, () => stop.abort(reason), stop.signal)).rejects.toBe(reason);
  expect(during.seen.cancelled).toBe(reason);
});
