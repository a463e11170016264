import { expectTrouble } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("a kernel that panics ends as crashed, with what it said on the console; reset and start again work", async ({
  extension,
  engine,
}) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  await guest.type("echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger");
  const vm = await guest.state(["crashed"]);
  await guest.output.find("Kernel panic");
  expect(vm.reason?.code).toBe("guest-panicked");
  await expectTrouble(extension, vm);

  await guest.act("stop");
  await guest.state(["off"]);
  await guest.start();
  await guest.prompt();
});

test("a kernel without an init panics", async ({ extension, engine }) => {
  const quick = await engine.quickProfile();
  if (!quick.boot) throw new Error("The quick VM has no kernel.");
  const boot = { ...quick.boot, append: `${quick.boot.append} rdinit=/nonexistent init=/nonexistent` };
  const guest = await engine.startQuick({ boot });
  const vm = await guest.state(["crashed", "failed", "off"]);
  expect(vm.reason?.code).toBe("guest-panicked");
  await expectTrouble(extension, vm);
});
