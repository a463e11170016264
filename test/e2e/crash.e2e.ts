import { crashRounds } from "../lib/crash.ts";
import { test } from "../lib/test.ts";

test("the browser is killed while a guest writes: what it synced is there, and no block is torn", async ({
  folder,
}) => {
  await crashRounds(folder, 2, 1);
});
