import { expectTrouble } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("a kernel that panics ends as crashed, with its last words on the console, and starts again", async ({
  extension,
  engine,
}) => {
  const quick = await engine.quickProfile();
  if (!quick.boot) throw new Error("The quick VM has no kernel.");
  const boot = { ...quick.boot, append: `${quick.boot.append} rdinit=/nonexistent` };
  const guest = await engine.startQuick({ boot });
  await guest.output.find("Kernel panic");
  await guest.state(["crashed", "failed", "off"]);
  // The panic device says that much; why, the console says, before or after.
  await expect.poll(() => guest.info.reason?.message).toContain("panicked: ");
  const vm = guest.info;
  expect(vm).toMatchObject({ state: "crashed", reason: { code: "guest-panicked" } });
  await expectTrouble(extension, vm);

  await guest.act("stop");
  await guest.state(["off"]);
  await guest.start();
  await guest.output.find("Kernel panic");
  await guest.state(["crashed"]);
});
