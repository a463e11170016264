import { expect, test } from "vitest";
import { deferred } from "../core/deferred.ts";
import type { Report } from "./works.ts";
import { Works, wasCancelled } from "./works.ts";

test("work is shown with its rate while it runs, and gone when it ended or failed", async () => {
  let now = 0;
  const works = new Works(() => now);
  const begun = deferred<Report>();
  const over = deferred<string>();
  const result = works.run("Importing a.img", (report) => {
    begun.resolve(report);
    return over.promise;
  });
  const report = await begun.promise;
  report(0, 4000);
  now = 1000;
  report(1000, 4000);
  expect(works.store.get()).toEqual([
    { id: 1, title: "Importing a.img", done: 1000, total: 4000, rate: 1000, cancelling: false },
  ]);
  over.resolve("made");
  expect(await result).toBe("made");
  expect(works.store.get()).toEqual([]);

  await expect(works.run("x", () => Promise.reject(new Error("boom")))).rejects.toThrow("boom");
  expect(works.store.get()).toEqual([]);
});

test("cancelling aborts that work alone, and is told from a failure", async () => {
  const works = new Works();
  const untilAborted = (_: Report, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const first = works.run("one", untilAborted);
  const second = works.run("two", untilAborted);
  works.cancel(1);
  const thrown = await first.catch((reason: unknown) => reason);
  expect(wasCancelled(thrown)).toBe(true);
  expect(wasCancelled(new Error("boom"))).toBe(false);
  expect(works.store.get().map((work) => work.title)).toEqual(["two"]);
  works.cancel(2);
  await expect(second).rejects.toThrow();
});
