import { flood } from "../lib/flood.ts";
import { test } from "../lib/test.ts";

test("10 MB out of the guest: every byte reaches a reader, and the panel goes on drawing", async ({
  extension,
  engine,
}) => {
  test.setTimeout(1_800_000);
  await flood(extension, engine, 10_000_000);
});
