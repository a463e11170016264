import { expect, test } from "vitest";
import type { VmInfo } from "../model/vm.ts";
import { Events } from "./events.ts";

test("a reader from the start gets the VMs, then everything; the first thing may be about storage", async () => {
  const events = new Events();
  const stop = new AbortController();
  const early = events.follow(0, stop.signal).getReader();
  const first = early.read();
  await Promise.resolve(); // it has looked, and found nothing
  events.storageChanged();
  expect((await first).value).toEqual({ seq: 1, type: "storage" });

  events.deleted("a");
  events.changed({ id: "b" } as VmInfo);
  const late = events.follow(0, stop.signal).getReader();
  expect((await late.read()).value).toMatchObject({ seq: 3, type: "vm" });
  events.storageChanged();
  expect((await late.read()).value).toEqual({ seq: 4, type: "storage" });
  stop.abort();
});
