/** A real Chromium with the extension of a folder loaded: what the runner, the tests and the benches drive. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, type CDPSession, chromium, type Page } from "@playwright/test";

export interface LaunchOptions {
  /** Folder with the built extension (`manifest.json` in it). */
  extension: string;
  /** Default: true. */
  headless?: boolean;
  /** Opens DevTools with every tab. */
  devtools?: boolean;
  /** Chromium's profile folder; without it a temporary one, deleted at the end. */
  profile?: string;
  size?: { width: number; height: number };
  /** Further Chromium flags. */
  flags?: string[];
}

export interface ExtensionBrowser {
  context: BrowserContext;
  /** CDP session of the browser itself. */
  cdp: CDPSession;
  extensionId: string;
  /** URL of one of the extension's files. */
  url(path: string): string;
  /** Opens a page of the extension in a new tab (or `tab`), and waits until its engine client is there. */
  openPage(path: string, tab?: Page): Promise<Page>;
  close(): Promise<void>;
  /** SIGKILL to the browser's process, as a crash would end it; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Path of the Chromium to use: CHROMIUM, or Debian's. */
export function chromiumPath(): string {
  const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (existsSync(path)) return path;
  throw new Error(`There is no Chromium at ${path}. Install it (Debian: apt-get install chromium) or set CHROMIUM.`);
}

function flags({ extension, headless = true, devtools, size, flags = [] }: LaunchOptions): string[] {
  return [
    ...(headless ? ["--headless=new", "--disable-gpu"] : []),
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), // Chromium refuses to run as root otherwise
    ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
    `--disable-extensions-except=${extension}`,
    `--load-extension=${extension}`,
    `--window-size=${size?.width ?? 1280},${size?.height ?? 800}`,
    ...(devtools ? ["--auto-open-devtools-for-tabs"] : []),
    ...flags,
  ];
}

/** Launches Chromium; whoever launches closes. Playwright ends only the processes of this browser, and its profile. */
export async function launch(options: LaunchOptions): Promise<ExtensionBrowser> {
  if (!existsSync(join(options.extension, "manifest.json"))) {
    throw new Error(`${options.extension} holds no extension. Build it first: npm run build.`);
  }
  const context = await chromium.launchPersistentContext(options.profile ?? "", {
    executablePath: chromiumPath(),
    headless: false, // Playwright's own way to be headless loads no extensions; see flags()
    viewport: null,
    args: flags(options),
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  try {
    return await withExtension(context);
  } catch (error) {
    await context.close();
    throw error;
  }
}

async function withExtension(context: BrowserContext): Promise<ExtensionBrowser> {
  // tsx compiles named functions with a helper that pages don't have: see esbuild's keepNames.
  await context.addInitScript({ content: "globalThis.__name ??= (f) => f;" });
  const first = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker", { timeout: 30_000 }));
  const extensionId = new URL(first.url()).host;
  const origin = `chrome-extension://${extensionId}`;
  const browser = context.browser();
  if (browser === null) throw new Error("Playwright gave no browser for the persistent context.");
  const cdp = await browser.newBrowserCDPSession();
  return {
    context,
    cdp,
    extensionId,
    url: (path) => `${origin}/${path}`,
    async openPage(path, tab) {
      const page = tab ?? (await context.newPage());
      await page.goto(`${origin}/${path}`);
      await page.waitForFunction(() => (globalThis as { qemuweb?: { engine?: unknown } }).qemuweb?.engine);
      return page;
    },
    close: () => context.close(),
    async kill() {
      const { processInfo } = await cdp.send("SystemInfo.getProcessInfo");
      const { id } = processInfo.find(({ type }) => type === "browser") ?? {};
      if (id === undefined) throw new Error("Chromium doesn't say which process it is.");
      const gone = new Promise<void>((resolve) => context.once("close", () => resolve()));
      process.kill(id, "SIGKILL");
      await gone;
    },
  };
}
