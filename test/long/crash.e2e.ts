import { crashRounds } from "../lib/crash.ts";
import { test } from "../lib/test.ts";

test("the browser is killed 20 times: what a guest synced is there, and no block is torn", async ({ folder }) => {
  test.setTimeout(1_200_000);
  await crashRounds(folder, 20, Number(process.env.QEMUWEB_SEED ?? Date.now() % 1e6));
});
