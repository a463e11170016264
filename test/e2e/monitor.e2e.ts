import { openPanel } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("HMP and QMP answer in the panel, refusals and events are shown, lines come back", async ({
  extension,
  engine,
}) => {
  const guest = await engine.startQuick({ name: "Box" });
  await guest.prompt();
  const panel = await openPanel(extension, guest.info);
  const said = panel.getByRole("log", { name: "Said" });

  await panel.getByRole("tab", { name: "HMP" }).click();
  const line = panel.getByRole("textbox", { name: "Monitor command" });
  await line.fill("info status");
  await line.press("Enter");
  await expect(said).toContainText("VM status: running");
  await line.press("ArrowUp");
  await expect(line).toHaveValue("info status");

  await panel.getByRole("tab", { name: "QMP" }).click();
  const command = panel.getByRole("textbox", { name: "QMP command" });
  await command.fill("stop");
  await command.press("Enter");
  await guest.state(["paused"]);
  await expect(said.locator("[data-kind=event]").last()).toHaveText(/STOP$/);
  await command.fill('{"execute": "query-status"}');
  await command.press("Enter");
  await expect(said.locator("[data-kind=answer]").last()).toContainText('"status": "paused"');
  await command.fill('device_del {"id": "nobody"}');
  await command.press("Enter");
  await expect(said.locator("[data-kind=refusal]")).toContainText("device_del was refused: Device 'nobody' not found.");
  await command.fill("cont");
  await command.press("Enter");
  await guest.state(["running"]);

  await panel.getByRole("tab", { name: "HMP" }).click();
  await expect(said).toContainText("VM status: running"); // it outlives its tab
  await guest.act("stop");
  await expect(line).toHaveAttribute("placeholder", "Box is off: start it first.");
});
