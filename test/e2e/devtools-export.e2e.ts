import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDevtoolsPanel } from "../../tools/lib/devtools.ts";
import type { PageGlobal } from "../../tools/lib/engine-page.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

test.use({ devtools: true });

test("in real DevTools, where no page may ask where to save, an export is a download", async ({ extension }) => {
  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-downloads-")));
  const { cdp } = extension;
  await cdp.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, eventsEnabled: true });
  const completed = new Promise<void>((resolve) => {
    cdp.on("Browser.downloadProgress", ({ state }) => state === "completed" && resolve());
  });
  const devtools = await openDevtoolsPanel(extension);
  await devtools.panel.evaluate(() =>
    (globalThis as unknown as PageGlobal).qemuweb.engine.createImage({
      name: "empty",
      format: "raw",
      virtualSize: 1 << 20,
    }),
  );
  await devtools.click("Images");
  await devtools.panel.until(() => {
    const row = document.querySelector<HTMLElement>("[data-row]");
    row?.click();
    return row !== null;
  }, 15_000);
  await devtools.click("Export image");
  await completed;
  expect(readFileSync(join(folder, "empty.img")).equals(Buffer.alloc(1 << 20))).toBe(true);
});
