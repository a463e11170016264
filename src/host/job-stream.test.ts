import { expect, test } from "vitest";
import type { Job } from "../block/image-library.ts";
import { deferred } from "../core/deferred.ts";
import { jobStream } from "./job-stream.ts";

const never = new AbortController().signal;

test("starts at once, tells the newest progress, and ends with the result", async () => {
  const result = deferred<string>();
  const began = deferred<Job>();
  const reader = jobStream((job) => {
    began.resolve(job);
    return result.promise;
  }, never).getReader();
  const job = await began.promise;
  job.progress(1, 10);
  expect((await reader.read()).value).toEqual({ type: "progress", done: 1, total: 10 });
  job.progress(2, 10); // too soon to be worth a word
  result.resolve("it");
  expect((await reader.read()).value).toEqual({ type: "done", result: "it" });
  expect((await reader.read()).done).toBe(true);
});

test("what the work throws is the stream's error", async () => {
  const failed = jobStream(() => Promise.reject(new Error("full")), never);
  await expect(failed.getReader().read()).rejects.toThrow("full");
});

test.each(["cancelled", "gone"])("a reader that is %s ends the work", async (how) => {
  const gone = new AbortController();
  const ended = deferred<unknown>();
  const stream = jobStream(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          ended.resolve(signal.reason);
          reject(signal.reason);
        });
      }),
    gone.signal,
  );
  const reason = new Error(how);
  if (how === "gone") gone.abort(reason);
  else await stream.cancel(reason);
  expect(await ended.promise).toBe(reason);
});
