import { flood } from "../lib/flood.ts";
import { test } from "../lib/test.ts";

test("1 MB out of the guest: every byte reaches a reader, and the panel goes on drawing", async ({
  extension,
  engine,
}) => {
  test.setTimeout(300_000); // a UART writes byte by byte, and QEMU interprets
  await flood(extension, engine, 1_000_000);
});
