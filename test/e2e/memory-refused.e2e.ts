import { expectTrouble } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("8 GiB of memory is refused with a hint, and other VMs go on", async ({ extension, engine }) => {
  const other = await engine.startQuick({ name: "Other" });
  await other.prompt();

  const guest = await engine.create({ ...(await engine.quickProfile()), name: "Huge", memory: 8192 });
  await guest.act("start").catch(() => {}); // the VM's state tells
  const vm = await guest.state(["failed"]);
  expect(vm.reason?.code).toBe("memory-not-granted");
  await expectTrouble(extension, vm);

  expect(await other.run("echo on-$((1+1))")).toBe("on-2\n");
});
