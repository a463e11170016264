/** Playwright's `test` with the extension in a Chromium that the tests of one folder share, each beginning with no VM. */
import { test as base, type TestInfo } from "@playwright/test";
import { dist } from "../../tools/build.ts";
import { type ExtensionBrowser, launch } from "../../tools/lib/chromium.ts";
import { EnginePage, type PageGlobal } from "../../tools/lib/engine-page.ts";

export { expect } from "@playwright/test";

interface Shared {
  /** Folder with the extension to load. */
  folder: string;
  /** Opens DevTools with every tab. */
  devtools: boolean;
  /** The Chromium; after a test that failed, a new one. */
  chromium: ExtensionBrowser;
}

interface Fixtures {
  /** The extension in its Chromium: no VM, no image, no page of it open. */
  extension: ExtensionBrowser;
  /** A page that drives the engine; it shows nothing that a test looks at. */
  engine: EnginePage;
}

export const test = base.extend<Fixtures, Shared>({
  folder: [dist, { option: true, scope: "worker" }],
  devtools: [false, { option: true, scope: "worker" }],

  chromium: [
    async ({ folder, devtools }, use) => {
      const chromium = await launch({ extension: folder, devtools });
      await use(chromium);
      await chromium.close();
    },
    { scope: "worker" },
  ],

  extension: async ({ chromium }, use, info) => {
    await use(chromium);
    if (info.status !== info.expectedStatus) await attachPictures(chromium, info);
    else await tidy(chromium);
  },

  engine: async ({ extension }, use, info) => {
    const engine = await EnginePage.open(extension);
    await use(engine);
    if (info.status === info.expectedStatus) return;
    for (const [name, text] of await engine.logs().catch(() => [])) {
      await info.attach(`log of ${name}`, { body: text, contentType: "text/plain" });
      console.error(`--- log of ${name}\n${text}\n---`);
    }
  },
});

/** Leaves the browser as the next test wants it. */
async function tidy(extension: ExtensionBrowser): Promise<void> {
  const pages = extension.context.pages();
  const page = await extension.openPage("popup/index.html");
  for (const other of pages) await other.close();
  await page.evaluate(async () => {
    const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
    for (const { id, disabled } of await engine.listVms()) {
      if (disabled.stop === undefined) await engine.stopVm(id);
      await engine.deleteVm(id);
    }
    for (const { id } of await engine.listImages()) await engine.deleteImage(id);
    localStorage.clear();
  });
  await page.goto("about:blank");
}

async function attachPictures(extension: ExtensionBrowser, info: TestInfo): Promise<void> {
  for (const page of extension.context.pages()) {
    const body = await page.screenshot({ timeout: 5000 }).catch(() => undefined);
    if (body) await info.attach(page.url(), { body, contentType: "image/png" });
  }
}
