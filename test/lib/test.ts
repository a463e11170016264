/** Playwright's `test` with the extension in a Chromium of the test's own. */
import { test as base, type TestInfo } from "@playwright/test";
import { dist } from "../../tools/build.ts";
import { type ExtensionBrowser, launch } from "../../tools/lib/chromium.ts";
import { EnginePage } from "../../tools/lib/engine-page.ts";

export { expect } from "@playwright/test";

interface Options {
  /** Folder with the extension to load. */
  folder: string;
  /** Opens DevTools with every tab. */
  devtools: boolean;
}

interface Fixtures {
  /** The extension in its Chromium. */
  extension: ExtensionBrowser;
  /** A page that drives the engine; it shows nothing that a test looks at. */
  engine: EnginePage;
}

export const test = base.extend<Options & Fixtures>({
  folder: [dist, { option: true }],
  devtools: [false, { option: true }],

  extension: async ({ folder, devtools }, use, info) => {
    const extension = await launch({ extension: folder, devtools });
    await use(extension);
    if (info.status !== info.expectedStatus) await attachPictures(extension, info);
    await extension.close();
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

async function attachPictures(extension: ExtensionBrowser, info: TestInfo): Promise<void> {
  for (const page of extension.context.pages()) {
    const body = await page.screenshot({ timeout: 5000 }).catch(() => undefined);
    if (body) await info.attach(page.url(), { body, contentType: "image/png" });
  }
}
