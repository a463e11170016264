import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import manifest from "../../manifest.json" with { type: "json" };
import { imageServer } from "../../src/block/testing/image-server.ts";
import { type ExtensionBrowser, launch } from "../../tools/lib/chromium.ts";
import type { Report, Task } from "../lib/block-worker.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { askWorker, buildWorkerExtension } from "../lib/worker-extension.ts";

/** Opens a page: in `running`, or in a new browser process with the test's one profile. They end with the test. */
type OpenPage = (running?: ExtensionBrowser) => Promise<{ page: Page; browser: ExtensionBrowser }>;

const entry = fileURLToPath(new URL("../lib/block-worker.ts", import.meta.url));

const extensions = new Map<boolean, Promise<string>>();

function extensionFor(withQuota: boolean): Promise<string> {
  // An origin with unlimitedStorage has no quota to fill.
  const permissions = manifest.permissions.filter((name) => !(withQuota && name === "unlimitedStorage"));
  const extension = extensions.get(withQuota) ?? buildWorkerExtension(entry, permissions);
  extensions.set(withQuota, extension);
  return extension;
}

const test = base.extend<{ withQuota: boolean; openPage: OpenPage }>({
  withQuota: [false, { option: true }],
  openPage: async ({ withQuota }, use) => {
    const extension = await extensionFor(withQuota);
    const profile = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-profile-")));
    const browsers: ExtensionBrowser[] = [];
    await use(async (running) => {
      const browser = running ?? (await launch({ extension, profile }));
      if (!running) browsers.push(browser);
      const page = await browser.context.newPage();
      await page.goto(browser.url("page.html"));
      return { page, browser };
    });
    for (const browser of browsers) await browser.close();
  },
});

const ask = (page: Page, task: Task) => askWorker<unknown>(page, task);

test("every block device passes the conformance suite on the browser's own storage and network", async ({
  openPage,
}) => {
  const server = await imageServer();
  try {
    const { page } = await openPage();
    const report = await askWorker<Report>(page, { do: "conformance", server: server.url });
    expect(Object.values(report).flatMap((results) => results.failed)).toEqual([]);
    expect(Object.keys(report).length).toBeGreaterThan(10);
    for (const [name, { passed }] of Object.entries(report)) expect(passed, name).toBeGreaterThan(10);
  } finally {
    await server.close();
  }
});

test("what an overlay flushed is there in a new browser process", async ({ openPage }) => {
  const { page, browser } = await openPage();
  expect(await ask(page, { do: "write", seed: 1, blocks: 1000 })).toBe("done");
  expect(await ask(page, { do: "flush" })).toBe("done");
  await browser.close();
  const { page: later } = await openPage();
  expect(await ask(later, { do: "verify", seed: 1, blocks: 1000 })).toBe("done");
});

test("an overlay has one writer in all windows, until its window is gone", async ({ openPage }) => {
  const { page, browser } = await openPage();
  expect(await ask(page, { do: "open" })).toBe("done");
  const { page: other } = await openPage(browser);
  expect(await ask(other, { do: "open" })).toMatchObject({ error: { code: "disk-busy", hint: /other window/ } });
  await page.close();
  await expect.poll(() => ask(other, { do: "open" })).toBe("done");
});

test("a database that is deleted under a disk is told, never taken for an empty one", async ({ openPage }) => {
  const { page } = await openPage();
  expect(await ask(page, { do: "write", seed: 1, blocks: 600 })).toBe("done");
  expect(await ask(page, { do: "flush" })).toBe("done");
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.deleteDatabase("qemuweb-disks").onsuccess = resolve;
      }),
  );
  const gone = { error: { code: "storage-failed", message: /were deleted/ } };
  // More than the overlay has in memory.
  expect(await ask(page, { do: "verify", seed: 1, blocks: 600 })).toMatchObject(gone);
  expect(await ask(page, { do: "write", seed: 2, blocks: 10 })).toBe("done");
  expect(await ask(page, { do: "flush" })).toMatchObject(gone);
});

test.describe(() => {
  test.use({ withQuota: true });

  test("a full store is told; once there is space, everything is stored", async ({ openPage }) => {
    const full = { error: { code: "storage-full", message: /no space left/, hint: /Free some disk space/ } };
    const { page, browser } = await openPage();
    const cdp = await browser.context.newCDPSession(page);
    const origin = browser.url("").slice(0, -1);
    // Before the first write: Chromium remembers for half a minute how much space there was.
    await cdp.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 12 << 20 });
    expect(await ask(page, { do: "write", seed: 1, blocks: 64 })).toBe("done");
    expect(await ask(page, { do: "flush" })).toBe("done");

    // It fits into memory, but not into the store.
    expect(await ask(page, { do: "write", seed: 2, blocks: 400 })).toBe("done");
    expect(await ask(page, { do: "flush" })).toMatchObject(full);
    expect(await ask(page, { do: "verify", seed: 2, blocks: 400 })).toBe("done");
    // This fits into neither.
    expect(await ask(page, { do: "write", seed: 3, blocks: 1000 })).toMatchObject(full);

    await cdp.send("Storage.overrideQuotaForOrigin", { origin });
    expect(await ask(page, { do: "write", seed: 3, blocks: 1000 })).toBe("done");
    expect(await ask(page, { do: "flush" })).toBe("done");
    await browser.close();
    const { page: later } = await openPage();
    expect(await ask(later, { do: "verify", seed: 3, blocks: 1000 })).toBe("done");
  });
});
