import type { Locator, Page } from "@playwright/test";
import { exportDisk } from "../../tools/lib/images.ts";
import { openPanel, row } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

/** The picker is the browser's; what it gives is a real file here too, of the extension's own storage. */
async function pickOwnFiles(panel: Page): Promise<void> {
  await panel.evaluate(() => {
    const pick = async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
    Object.assign(globalThis, { showSaveFilePicker: pick });
  });
}

/** What `disk` was exported as: the bytes of that file. */
async function exported(panel: Page, disk: Locator, what: "raw" | "overlay", name: string): Promise<Buffer> {
  await disk.getByRole("button", { name: "Export" }).click();
  const ask = panel.getByRole("dialog", { name: /^Export/ });
  await expect(ask.getByLabel("What").getByRole("option")).toHaveCount(3);
  await ask.getByLabel("What").selectOption(what);
  await ask.getByRole("button", { name: "Export" }).click();
  await expect(panel.getByText(`${name} was exported.`)).toBeVisible();
  const url = await panel.evaluate(async (name) => {
    const file = await (await (await navigator.storage.getDirectory()).getFileHandle(name)).getFile();
    return new Promise<string>((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.readAsDataURL(file);
    });
  }, name);
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

test("disks and CDs are attached, put in and taken out, exported, imported, resized and committed", async ({
  extension,
  engine,
}) => {
  const guest = await engine.create({ ...(await engine.quickProfile()), name: "Box" });
  const panel = await openPanel(extension, guest.info);
  await pickOwnFiles(panel);
  const disk = panel.getByRole("listitem", { name: "disk0" });
  const changes = disk.getByRole("definition").nth(1);
  const drive = panel.getByRole("listitem", { name: "CD-ROM" });
  const attach = panel.getByRole("dialog", { name: "Attach a disk to Box" });
  const attachDisk = panel.getByRole("toolbar", { name: "Disks" }).getByRole("button", { name: "Attach disk" });

  await test.step("while the VM is off", async () => {
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
    await attachDisk.click();
    await attach.getByLabel("Image").selectOption({ label: "Data (raw, 24 MiB)" });
    await attach.getByRole("button", { name: "Attach" }).click();
    await expect(changes).toHaveText("None");

    await expect(drive).toContainText("No drive");
    await insertData(panel, drive);
    await drive.getByRole("button", { name: "Eject" }).click();
    await expect(drive).toContainText("Empty");
  });

  await guest.start();
  await guest.prompt();
  await test.step("while the guest runs", async () => {
    expect(await guest.run("blockdev --getsize64 /dev/vda")).toBe(`${24 * MIB}\n`);
    await guest.run("printf 'written by the guest' | dd of=/dev/vda bs=512 seek=9 conv=notrunc 2>/dev/null; sync");
    const why = (name: string) => expect(disk.getByRole("button", { name })).toHaveAttribute("title", /^Shut the VM/);
    for (const name of ["Export", "Resize", "Detach"]) await why(name);

    await attachDisk.click();
    await attach.getByLabel("Disk source").selectOption("blank");
    await attach.getByLabel("Disk size", { exact: true }).fill("8");
    await attach.getByLabel("Unit of disk size").selectOption("MiB");
    await expect(attach.getByLabel("Disk interface").getByRole("option")).toHaveText(["virtio", "NVMe"]);
    await attach.getByRole("button", { name: "Attach" }).click();
    const hot = panel.getByRole("listitem", { name: "disk1" });
    await expect(hot).toContainText("8 MiB");
    await expect.poll(() => guest.run("blockdev --getsize64 /dev/vdb 2>&1")).toBe(`${8 * MIB}\n`);
    await guest.run("dd if=/dev/urandom of=/dev/vdb bs=1000 count=100 conv=fsync 2>/dev/null");
    await expect(hot).toContainText("KiB written");
    await hot.getByRole("button", { name: "Detach" }).click();
    const ask = panel.getByRole("dialog", { name: "Detach disk1?" });
    await expect(ask).toContainText(/Its changes \(.+ KiB\) are deleted for good/);
    await ask.getByRole("button", { name: "Detach" }).click();
    await expect(hot).toBeHidden();
    await expect.poll(() => guest.run("ls /dev/vdb 2>/dev/null")).toBe("");

    await insertData(panel, drive);
    await expect(drive).toContainText("Data");
    await expect.poll(() => guest.run("blockdev --getsize64 /dev/sr0 2>&1")).toBe(`${24 * MIB}\n`);
    await drive.getByRole("button", { name: "Eject" }).click();
    await expect(drive).toContainText("Empty");
    await expect.poll(() => guest.run("head -c 1 /dev/sr0 2>&1")).toContain("No medium");
  });
  await guest.type("poweroff");
  await guest.state(["off"]);
  await row(panel, guest.info).click();
  await expect(changes).toContainText("KiB written");

  const raw = await exported(panel, disk, "raw", "Box disk0.img");
  expect(raw.length).toBe(24 * MIB);
  expect(raw.toString("latin1", 9 * 512, 9 * 512 + 20)).toBe("written by the guest");
  const overlay = await exported(panel, disk, "overlay", "Box disk0.qwov");

  await test.step("discarded, and imported again", async () => {
    await disk.getByRole("button", { name: "Discard changes" }).click();
    const discard = panel.getByRole("dialog", { name: "Discard changes of disk0?" });
    await discard.getByRole("button", { name: "Discard" }).click();
    await expect(changes).toHaveText("None");
    await disk.getByRole("button", { name: "Import changes" }).click();
    const ask = panel.getByRole("dialog", { name: "Import changes of disk0" });
    const give = async (buffer: Buffer) => {
      const file = { name: "box.qwov", mimeType: "application/octet-stream", buffer };
      await ask.getByLabel("Overlay file", { exact: true }).setInputFiles(file);
      await ask.getByRole("button", { name: "Import" }).click();
    };
    await give(overlay.subarray(0, overlay.length - 1));
    await expect(ask.getByRole("alert")).toContainText(/The overlay file .* Nothing was changed here\./);
    await expect(changes).toHaveText("None");
    await give(overlay);
    await expect(ask).toBeHidden();
    await expect(changes).toContainText("KiB written");
  });

  await test.step("resized, and committed into an image of its own", async () => {
    await disk.getByRole("button", { name: "Resize" }).click();
    const resize = panel.getByRole("dialog", { name: "Resize disk0" });
    const size = async (mib: string) => {
      await resize.getByLabel("New size", { exact: true }).fill(mib);
      await resize.getByRole("button", { name: "Resize" }).click();
    };
    await size("12");
    await expect(resize).toContainText("a disk can't shrink");
    await size("32");
    await expect(disk).toContainText("32 MiB");
    await disk.getByRole("button", { name: "Commit" }).click();
    const commit = panel.getByRole("dialog", { name: "Commit disk0 into a new image" });
    await commit.getByLabel("Name").fill("Grown");
    await commit.getByLabel("Go on with the new image").check();
    await commit.getByRole("button", { name: "Commit" }).click();
    const grown = panel.getByRole("listitem", { name: "disk1" });
    await expect(grown).toContainText("Grown");
    await expect(grown).toContainText("32 MiB");
    const bytes = await exportDisk(engine, guest.id, "disk1", "raw");
    expect(bytes.subarray(0, 24 * MIB).equals(raw)).toBe(true);
    await grown.getByRole("button", { name: "Detach" }).click();
    await expect(panel.getByRole("listitem", { name: /^disk/ })).toHaveCount(0);
    await drive.getByRole("button", { name: "Remove drive" }).click();
    await expect(drive).toContainText("No drive");
  });
});

/** Puts the image Data into the drive. */
async function insertData(panel: Page, drive: Locator): Promise<void> {
  await drive.getByRole("button", { name: "Insert CD" }).click();
  const dialog = panel.getByRole("dialog", { name: "Insert a CD" });
  await dialog.getByLabel("Image").selectOption({ label: "Data (raw, 24 MiB)" });
  await dialog.getByRole("button", { name: "Insert" }).click();
  await expect(dialog).toBeHidden();
}
