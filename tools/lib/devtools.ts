/** The extension's panel inside real DevTools. Needs a browser launched with `devtools: true`. */
import type { ExtensionBrowser } from "./chromium.ts";
import { Target, type TargetInfo, targets, waitForTarget } from "./target.ts";

export interface DevtoolsPanel {
  /** DevTools' own front end, a `devtools://` page. */
  frontend: Target;
  /** The document of our panel in it. */
  panel: Target;
  /** A real mouse click on the button (or row, tab ...) with this accessible name, once there is an enabled one. */
  click(name: string): Promise<void>;
  /** Text into what has the focus, as a keyboard or an input method would give it; "\n" is the Enter key. */
  type(text: string): Promise<void>;
  press(key: string, code?: string): Promise<void>;
  /** Closes this DevTools, as its user would. */
  close(): Promise<void>;
  /** PNG of the whole DevTools window. */
  screenshot(): Promise<Buffer>;
}

const isFrontend = (info: TargetInfo) => info.type === "page" && /^devtools:.*\/devtools_app\.html/.test(info.url);

/** Ids of the DevTools that are open; pass them as `except` to find the next one. */
export async function openFrontends(browser: ExtensionBrowser): Promise<string[]> {
  return (await targets(browser.cdp)).filter(isFrontend).map((info) => info.targetId);
}

/** Shows our panel in a DevTools that is open (or opening) and isn't one of `except`. */
export async function openDevtoolsPanel(browser: ExtensionBrowser, except: string[] = []): Promise<DevtoolsPanel> {
  const before = new Set((await panelFrames(browser)).map((info) => info.targetId));
  const info = await waitForTarget(
    browser.cdp,
    "DevTools to open",
    (target) => isFrontend(target) && !except.includes(target.targetId),
  );
  const frontend = await Target.attach(browser.cdp, info);
  await showPanel(frontend, browser.url(""));
  const frame = await waitForTarget(
    browser.cdp,
    "our panel in DevTools",
    (target) => isPanelFrame(browser, target) && !before.has(target.targetId),
  );
  const panel = await Target.attach(browser.cdp, frame);
  await panel.until(() => (globalThis as { qemuweb?: { engine?: unknown } }).qemuweb?.engine !== undefined, 30_000);
  return {
    frontend,
    panel,
    click: (name) => click(panel, name),
    type: (text) => type(panel, text),
    press: (key, code) => press(panel, key, code),
    async close() {
      await browser.cdp.send("Target.closeTarget", { targetId: info.targetId });
    },
    async screenshot() {
      const { data } = await frontend.send("Page.captureScreenshot", { format: "png" });
      return Buffer.from(String(data), "base64");
    },
  };
}

function isPanelFrame(browser: ExtensionBrowser, info: TargetInfo): boolean {
  return info.type === "iframe" && info.url.startsWith(browser.url("panel/"));
}

async function panelFrames(browser: ExtensionBrowser): Promise<TargetInfo[]> {
  return (await targets(browser.cdp)).filter((info) => isPanelFrame(browser, info));
}

/** The view's id is the extension's URL followed by the panel's title; it's registered once the devtools page has run. */
async function showPanel(frontend: Target, origin: string): Promise<void> {
  await frontend.until(
    async (prefix) => {
      const path = "./ui/legacy/legacy.js"; // resolved by the page: no bundler may see it
      const legacy = (await import(path)) as {
        ViewManager: {
          ViewManager: { instance(): { showView(id: string): Promise<void>; views: Map<string, unknown> } };
        };
      };
      const manager = legacy.ViewManager.ViewManager.instance();
      const id = [...manager.views.keys()].find((key) => key.startsWith(prefix));
      if (id === undefined) return false;
      await manager.showView(id);
      return true;
    },
    30_000,
    origin.replace(/\/$/, ""),
  );
}

/** Centre of the enabled element that a user would call by `name`, or undefined. Runs in the panel. */
function centreOf(name: string): { x: number; y: number } | undefined {
  const roles =
    "button, [role=button], [role=tab], [role=row], [role=option], [role=menuitem], [role=treeitem], a[href]";
  for (const element of document.querySelectorAll<HTMLElement>(roles)) {
    const label = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
    const disabled = element.matches(":disabled, [aria-disabled=true]");
    const box = element.getBoundingClientRect();
    if (disabled || box.width === 0 || (label !== name && element.title !== name)) continue;
    element.scrollIntoView({ block: "nearest" });
    const { left, top, width, height } = element.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }
  return undefined;
}

async function click(panel: Target, name: string): Promise<void> {
  const point = await panel.until(centreOf, 15_000, name);
  for (const type of ["mousePressed", "mouseReleased"]) {
    await panel.send("Input.dispatchMouseEvent", { type, ...point, button: "left", clickCount: 1 });
  }
}

async function press(panel: Target, key: string, code = key): Promise<void> {
  const keys: Record<string, number> = {
    Enter: 13,
    Delete: 46,
    Escape: 27,
    Home: 36,
    End: 35,
    ArrowUp: 38,
    ArrowDown: 40,
  };
  const event = { key, code, windowsVirtualKeyCode: keys[key] ?? 0 };
  await panel.send("Input.dispatchKeyEvent", { type: "keyDown", ...event, ...(key === "Enter" ? { text: "\r" } : {}) });
  await panel.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
}

async function type(panel: Target, text: string): Promise<void> {
  for (const [index, line] of text.split("\n").entries()) {
    if (index > 0) await press(panel, "Enter");
    if (line !== "") await panel.send("Input.insertText", { text: line });
  }
}
