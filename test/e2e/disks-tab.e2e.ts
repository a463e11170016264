import { openPanel, row } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("a blank disk is attached, written to by the guest, exported, and begins anew", async ({ extension, engine }) => {
  const guest = await engine.create({ ...(await engine.quickProfile()), name: "Box" });
  const panel = await openPanel(extension, guest.info);

  await panel.getByRole("tab", { name: "Images" }).click();
  await panel.getByRole("button", { name: "Blank image" }).click();
  const blank = panel.getByRole("dialog", { name: "New blank image" });
  await blank.getByLabel("Name").fill("Data");
  await blank.getByLabel("Size", { exact: true }).fill("24");
  await blank.getByLabel("Unit of size").selectOption("MiB");
  await blank.getByRole("button", { name: "Create" }).click();
  await expect(panel.getByRole("row", { name: "Data" })).toContainText("24 MiB");

  await panel.getByRole("tab", { name: "VMs" }).click();
  await panel.getByRole("tab", { name: "Disks" }).click();
  await panel.getByRole("toolbar", { name: "Disks" }).getByRole("button", { name: "Attach disk" }).click();
  const attach = panel.getByRole("dialog", { name: "Attach a disk to Box" });
  await attach.getByLabel("Image").selectOption({ label: "Data (raw, 24 MiB)" });
  await attach.getByRole("button", { name: "Attach" }).click();
  const disk = panel.getByRole("listitem", { name: "disk0" });
  const changes = disk.getByRole("definition").nth(1);
  await expect(changes).toHaveText("None");

  await guest.start();
  await guest.prompt();
  expect(await guest.run("blockdev --getsize64 /dev/vda")).toBe(`${24 << 20}\n`);
  await guest.run("printf 'written by the guest' | dd of=/dev/vda bs=512 seek=9 conv=notrunc 2>/dev/null; sync");
  await expect(disk.getByRole("button", { name: "Export" })).toHaveAttribute("title", /Shut the VM down/);
  await guest.type("poweroff");
  await guest.state(["off"]);
  await row(panel, guest.info).click();
  await expect(changes).toContainText("KiB written");

  // The picker is the browser's; what it gives is a real file here too, of the extension's own storage.
  await panel.evaluate(() => {
    const pick = async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
    Object.assign(globalThis, { showSaveFilePicker: pick });
  });
  await disk.getByRole("button", { name: "Export" }).click();
  const ask = panel.getByRole("dialog", { name: "Export disk0" });
  await expect(ask.getByLabel("What").getByRole("option")).toHaveCount(3);
  await ask.getByLabel("What").selectOption("raw");
  await ask.getByRole("button", { name: "Export" }).click();
  await expect(panel.getByText("Box disk0.img was exported.")).toBeVisible();
  const [size, text] = await panel.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const file = await (await root.getFileHandle("Box disk0.img")).getFile();
    return [file.size, await file.slice(9 * 512, 9 * 512 + 20).text()];
  });
  expect(size).toBe(24 << 20);
  expect(text).toBe("written by the guest");

  await disk.getByRole("button", { name: "Discard changes" }).click();
  await panel
    .getByRole("dialog", { name: "Discard changes of disk0?" })
    .getByRole("button", { name: "Discard" })
    .click();
  await expect(changes).toHaveText("None");
});
