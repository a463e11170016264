import { hangingKernel } from "../../qemu-wasm/guests/bare-kernel.ts";
import { parseProfile } from "../../src/model/parse-profile.ts";
import { call } from "../../tools/lib/images.ts";
import { expectTrouble, openPanel } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

const ARMED = "The watchdog is armed.";

test("a guest that hangs is reset by its watchdog, or what the extra arguments say, and the panel tells", async ({
  extension,
  engine,
}) => {
  const boot = { kernel: { from: "user", name: "hang" }, append: "" };
  const profile = parseProfile({ name: "Hung", memory: 32, cpu: "qemu64", agent: false, boot });
  const guest = await engine.create(profile, { hang: await hangingKernel() });
  const onExpiry = (action: string) =>
    call(engine, "updateVm", guest.id, { ...profile, extraArgs: ["-action", `watchdog=${action}`] });

  await guest.start();
  await guest.find(ARMED);
  await guest.find(ARMED);
  expect(guest.info).toMatchObject({ state: "running", reboots: 1 });
  const panel = await openPanel(extension, guest.info);
  await expect(panel.getByText("Reboots by the guest")).toBeVisible();
  await panel.getByRole("tab", { name: "Log" }).click();
  await expect(panel.getByText("The guest hung: its watchdog expired (action: reset).").first()).toBeVisible();
  await panel.close();
  await guest.act("stop");

  await onExpiry("pause");
  await guest.act("start");
  const hung = await guest.state(["paused"]);
  expect(hung.reason?.code).toBe("watchdog");
  const paused = await expectTrouble(extension, hung);
  await expect(paused.getByRole("button", { name: "Resume" }).first()).toBeEnabled();
  await guest.act("reset");
  await guest.act("resume");
  expect(await guest.state(["running"])).not.toHaveProperty("reason");
  await guest.act("stop");

  await onExpiry("poweroff");
  await guest.act("start");
  await guest.state(["running"]);
  expect(await guest.state(["off", "failed"])).toMatchObject({ state: "off", reason: { code: "watchdog" } });
});
