import { expect, test } from "vitest";
import { VmLog } from "./vm-log.ts";

test("followers get the lines kept, then live ones; the oldest give way", async () => {
  const log = new VmLog(3);
  log.append("stderr", "1\r\n2\n");
  log.append("stdout", "3");
  const stop = new AbortController();
  const reader = log.follow(stop.signal).getReader();
  expect((await reader.read()).value).toMatchObject({ source: "stderr", text: "1" });
  expect((await reader.read()).value?.text).toBe("2");
  expect((await reader.read()).value?.text).toBe("3");
  for (const line of "45678") log.append("engine", line);
  expect((await reader.read()).value?.text).toBe("6");
  stop.abort();
});
