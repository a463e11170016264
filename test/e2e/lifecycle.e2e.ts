import { quick } from "../../qemu-wasm/guests/quick.ts";
import { openPanel, row } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

/** The ACPI power button's driver lets go of it: nobody in the guest hears when it is pressed. */
const DEAF = "echo LNXPWRBN:00 >/sys/bus/acpi/drivers/button/unbind && echo deaf";

test("pause stops the guest's clock, reset asks and boots anew, the power button ends the guest in order", async ({
  extension,
  engine,
}) => {
  const guest = await engine.startQuick({ agent: false });
  await guest.prompt();
  const uptime = async () => Number((await guest.run("cat /proc/uptime")).split(" ")[0]);

  const began = performance.now();
  const before = await uptime();
  await guest.act("pause");
  const paused = performance.now();
  await guest.state(["paused"]);
  const panel = await openPanel(extension, guest.info); // takes a while
  const button = (name: string) => panel.getByRole("toolbar").getByRole("button", { name, exact: true });
  await expect(button("Shut down")).toHaveAttribute("title", /resume it first/);
  const pausedFor = performance.now() - paused;
  await button("Resume").click();
  await guest.state(["running"]);
  // The guest's clock is never faster than ours.
  expect(1000 * ((await uptime()) - before)).toBeLessThan(performance.now() - began - pausedFor);
  await button("Pause").click();
  await expect(row(panel, guest.info)).toHaveAttribute("data-state", "paused");
  await button("Resume").click();

  await guest.run("touch /tmp/mark");
  await button("More actions").click();
  await panel.getByRole("menuitem", { name: "Reset" }).click();
  await panel.getByRole("dialog", { name: "Reset Quick VM?" }).getByRole("button", { name: "Reset" }).click();
  await guest.find(quick.ready);
  await guest.prompt();
  expect(await guest.run("ls /tmp")).toBe("");
  expect(guest.info).toMatchObject({ state: "running" });
  expect(guest.info.reboots).toBeUndefined(); // that was us

  // By the kernel's log: the console is hung up by then.
  const lastWords = 'echo "<0>bye-$((6*7))" >/dev/kmsg; exit';
  await guest.run(`(trap '' HUP; trap '${lastWords}' TERM; while :; do sleep 9; done) & true`);
  await button("Shut down").click();
  await guest.output.find("bye-42");
  const vm = await guest.state(["off"]);
  expect(vm.reason?.message).toBe("The guest powered off.");
});

test("the agent shuts down a guest that is deaf to its power button; without it, force off is left", async ({
  extension,
  engine,
}) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  await expect.poll(() => guest.info.agent).toBe(true);
  expect(await guest.run(DEAF)).toContain("deaf");
  await guest.act("shutdown");
  await guest.state(["off"]);

  await guest.act("start");
  await guest.find(quick.ready);
  await guest.prompt();
  await expect.poll(() => guest.info.agent).toBe(true);
  await guest.run("killall qemu-ga");
  await expect.poll(() => guest.info.agent).toBe(false);
  expect(await guest.run(DEAF)).toContain("deaf");
  await guest.act("shutdown");
  expect(guest.info.state).toBe("shutting-down");
  expect(await guest.run("echo still-$((6*7))")).toBe("still-42\n");

  const panel = await openPanel(extension, guest.info);
  await row(panel, guest.info).click({ button: "right" });
  await panel.getByRole("menuitem", { name: "Force off" }).click();
  await panel.getByRole("dialog", { name: "Force Quick VM off?" }).getByRole("button", { name: "Force off" }).click();
  const vm = await guest.state(["off"]);
  expect(vm.reason).toBeUndefined();
});
