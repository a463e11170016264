import { randomBytes } from "node:crypto";
import { imageServer } from "../../src/block/testing/image-server.ts";
import { call } from "../../tools/lib/images.ts";
import { openPanel } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

test("an image at a URL is added when Chrome may ask its server, and a download can be cancelled", async ({
  extension,
  engine,
}) => {
  // Chrome's question can't be answered headless: the page's is, and the server lets everybody read.
  const server = await imageServer({
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "*",
    "access-control-expose-headers": "*",
  });
  const url = server.put("debian.img", randomBytes(2 * MIB));
  const panel = await openPanel(extension);
  const answer = (allowed: boolean) =>
    panel.evaluate((allowed) => {
      const asked = (globalThis as { asked?: unknown[] }).asked ?? [];
      Object.assign(globalThis, { asked });
      chrome.permissions.request = async (what: unknown) => {
        asked.push(what);
        return allowed;
      };
    }, allowed);
  await answer(false);

  await panel.getByRole("tab", { name: "Images" }).click();
  await panel.getByRole("button", { name: "From URL" }).click();
  const dialog = panel.getByRole("dialog", { name: "Image from a URL" });
  const add = dialog.getByRole("button", { name: "Add" });
  await dialog.getByLabel("URL", { exact: true }).fill("no address");
  await add.click();
  await expect(dialog.getByText("beginning with https:// or http://")).toBeVisible();
  await dialog.getByLabel("URL", { exact: true }).fill(url);
  await add.click();
  await expect(dialog.getByRole("alert")).toContainText(`QemuWeb may not read from ${new URL(url).host}.`);
  expect(await panel.evaluate(() => (globalThis as { asked?: unknown[] }).asked)).toEqual([
    { origins: ["http://127.0.0.1/*"] },
  ]);

  await answer(true);
  await add.click();
  const row = panel.getByRole("row", { name: "debian.img" });
  await expect(row).toContainText(new URL(url).host);
  await expect(row).toContainText("0 B");
  expect(await call(engine, "listImages")).toMatchObject([{ virtualSize: 2 * MIB, storedBytes: 0, source: { url } }]);

  await panel.getByRole("button", { name: "From URL" }).click();
  await dialog.getByLabel("URL", { exact: true }).fill(url);
  await dialog.getByLabel("Download it now").check();
  const stalled = () => true as const; // no answer, ever
  server.faults.push(stalled, stalled, stalled);
  await add.click();
  const work = panel.getByRole("progressbar", { name: "Downloading debian.img", includeHidden: true });
  await work.waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(work).toHaveCount(0);
  expect(await call(engine, "listImages")).toHaveLength(1);
  await server.close();
});
