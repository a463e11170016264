import { quick } from "../../qemu-wasm/guests/quick.ts";
import { openPanel, row } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("a guest that powers off leaves a VM that says so and starts again", async ({ extension, engine }) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  const panel = await openPanel(extension, guest.info);
  await guest.type("poweroff");
  const vm = await guest.state(["off", "failed", "crashed"]);
  expect(vm.reason?.code).toBe("powered-off");
  await expect(row(panel, vm)).toHaveAttribute("data-state", "off");
  await expect(panel.getByText(vm.reason?.message ?? "").first()).toBeVisible();

  await panel.getByRole("button", { name: "Start" }).first().click();
  await guest.state(["running"]);
  await guest.attach();
  await guest.prompt();
});

test("a guest that reboots comes back in the same VM", async ({ engine }) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  await guest.run("echo gone >/tmp/mark");
  await guest.type("reboot");
  await guest.find(quick.ready);
  await guest.prompt();
  expect(guest.info).toMatchObject({ state: "running", reboots: 1 });
  expect(await guest.run("ls /tmp")).toBe("");
});
