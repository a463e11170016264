import { expectTrouble } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("a bad extra argument fails the start with QEMU's own words", async ({ extension, engine }) => {
  const profile = { ...(await engine.quickProfile()), extraArgs: ["-device", "flux-capacitor"] };
  const guest = await engine.create(profile);
  await guest.act("start").catch(() => {}); // the VM's state tells
  const vm = await guest.state(["failed"]);
  expect(vm.reason?.code).toBe("qemu-exited");
  expect(vm.reason?.message).toContain("flux-capacitor");
  const panel = await expectTrouble(extension, vm);

  await panel.getByRole("tab", { name: "Log" }).click();
  await expect(panel.getByText("flux-capacitor").first()).toBeVisible();
});
