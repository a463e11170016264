import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { call } from "../../tools/lib/images.ts";
import { openPanel } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

test("an image is imported with progress, kept while a VM uses it, exported whole, and deleted", async ({
  extension,
  engine,
}) => {
  const panel = await openPanel(extension);
  await panel.getByRole("tab", { name: "Images" }).click();
  await expect(panel.getByRole("heading", { name: "No images yet" })).toBeVisible();

  const bytes = randomBytes(32 * MIB);
  const chooser = panel.waitForEvent("filechooser");
  await panel.getByRole("toolbar", { name: "Images" }).getByRole("button", { name: "Import" }).click();
  const progress = panel.getByRole("progressbar", { name: "Importing data.img" }).waitFor();
  await (await chooser).setFiles({ name: "data.img", mimeType: "application/octet-stream", buffer: bytes });
  await progress;
  const row = panel.getByRole("row", { name: "data.img" });
  await expect(row).toContainText("32 MiB");
  await expect(panel.getByRole("meter", { name: "Storage" })).toHaveAttribute("aria-valuenow", /^[1-9]/);

  // A VM that uses it, made in the New VM dialog from the image.
  await row.dblclick();
  const dialog = panel.getByRole("dialog", { name: "New VM" });
  await dialog.getByLabel("Name", { exact: true }).fill("User");
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await expect(panel.getByRole("tab", { name: "VMs" })).toHaveAttribute("aria-selected", "true");
  await panel.getByRole("tab", { name: "Images" }).click();
  await expect(row).toContainText("User");
  await row.click();
  await panel.keyboard.press("Delete");
  const ask = panel.getByRole("dialog", { name: "Delete data.img?" });
  await expect(ask.getByText("Used by User: detach it there first.")).toBeVisible();
  await expect(ask.getByRole("button", { name: "Delete" })).toHaveAttribute("aria-disabled", "true");
  await panel.keyboard.press("Escape");

  // As in DevTools, whose panels may not ask where to save.
  await panel.evaluate(() => Object.assign(globalThis, { showSaveFilePicker: undefined }));
  const download = panel.waitForEvent("download");
  await panel.getByRole("button", { name: "Export image" }).click();
  expect((await download).suggestedFilename()).toBe("data.img");
  expect(readFileSync(await (await download).path()).equals(bytes)).toBe(true);

  const [vm] = engine.vms.values();
  await call(engine, "deleteVm", vm?.id ?? "");
  await expect(row).toContainText("No VM");
  await row.click();
  await panel.keyboard.press("Delete");
  await ask.getByRole("button", { name: "Delete" }).click();
  await expect(panel.getByRole("heading", { name: "No images yet" })).toBeVisible();
  expect(await call(engine, "listImages")).toEqual([]);
});
