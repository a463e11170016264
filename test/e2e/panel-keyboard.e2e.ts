import { openPanel, row } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("the list is one Tab stop, arrows move in it, and Delete asks before it deletes", async ({
  extension,
  engine,
}) => {
  const profile = await engine.quickProfile();
  const one = await engine.create({ ...profile, name: "One" });
  const two = await engine.create({ ...profile, name: "Two" });
  const three = await engine.create({ ...profile, name: "Three" });
  const panel = await openPanel(extension, one.info);
  await expect(row(panel, three.info)).toBeVisible();

  const rows = panel.locator("[role=row][data-vm-id]");
  const tabStops = () => rows.evaluateAll((all) => all.filter((row) => (row as HTMLElement).tabIndex === 0).length);
  expect(await tabStops()).toBe(1);
  await rows.first().click();
  await panel.keyboard.press("ArrowDown");
  await expect(rows.nth(1)).toBeFocused();
  await expect(rows.nth(1)).toHaveAttribute("aria-selected", "true");
  expect(await tabStops()).toBe(1);
  await panel.keyboard.press("End");
  await expect(rows.nth(2)).toBeFocused();
  await panel.keyboard.press("Home");
  await expect(rows.first()).toBeFocused();

  const second = row(panel, two.info);
  await second.click();
  await panel.keyboard.press("Delete");
  const dialog = panel.getByRole("dialog", { name: "Delete Two?" });
  await panel.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(second).toBeVisible();

  await second.click();
  await panel.keyboard.press("Delete");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(second).toBeHidden();
  expect([...engine.vms.values()].map((vm) => vm.profile.name).sort()).toEqual(["One", "Three"]);
});
