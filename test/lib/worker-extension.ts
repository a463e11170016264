/** An extension with one Worker of a test's own in it, under the manifest's isolation, policy and permissions. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { build } from "vite";
import manifest from "../../manifest.json" with { type: "json" };
import { removeAtExit } from "./temporary.ts";

/**
 * Bundles the module at `entry` as the Worker; resolves to the extension's folder. Its page may fetch from loopback.
 */
export async function buildWorkerExtension(entry: string, permissions = manifest.permissions): Promise<string> {
  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-worker-")));
  const { devtools_page: _, action: __, icons: ___, ...rest } = manifest;
  const extension = {
    ...rest,
    permissions,
    background: { service_worker: "background.js" },
    host_permissions: ["http://127.0.0.1/*"],
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(extension));
  writeFileSync(join(folder, "background.js"), "");
  writeFileSync(join(folder, "page.html"), "<!doctype html>");
  await build({
    configFile: false,
    logLevel: "warn",
    build: {
      target: "esnext",
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: { input: entry, output: { entryFileNames: "worker.js", codeSplitting: false } },
    },
  });
  return folder;
}

/**
 * Hands `message` to the page's Worker, which is started for the first one and lives as long; resolves to its answer.
 */
export async function askWorker<T>(page: Page, message: unknown): Promise<T> {
  return page.evaluate((message) => {
    const here = globalThis as { testWorker?: Worker };
    here.testWorker ??= new Worker("worker.js", { type: "module" });
    const worker = here.testWorker;
    return new Promise<T>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(message);
    });
  }, message);
}
