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
  /** Puts the focus into the console's terminal by a click. */
  focusTerminal(): Promise<void>;
  /** PNG of the whole DevTools window. */
  screenshot(): Promise<Buffer>;
}

const isFrontend = (info: TargetInfo) => info.type === "page" && /^devtools:.*\/devtools_app\.html/.test(info.url);

/**
 * Shows our panel in the DevTools that is open, or opening, beside the page of URL `inspected`; beside any without one.
 * Give each of several tabs a URL of its own.
 */
export async function openDevtoolsPanel(browser: ExtensionBrowser, inspected?: string): Promise<DevtoolsPanel> {
  const before = new Set((await panelFrames(browser)).map((info) => info.targetId));
  const frontend = await findFrontend(browser, inspected);
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
    focusTerminal: () => clickOn(panel, centreOfSelector, ".xterm"),
    async screenshot() {
      const { data } = await frontend.send("Page.captureScreenshot", { format: "png" });
      return Buffer.from(String(data), "base64");
    },
  };
}

export interface FrontendLooks {
  theme: "light" | "dark";
  /** In a window of its own, as large as the browser's. */
  undocked: boolean;
}

/** Sets how the DevTools that is open, or opening, looks. */
export async function setLooks(browser: ExtensionBrowser, looks: FrontendLooks): Promise<void> {
  const frontend = await findFrontend(browser, undefined);
  await frontend.evaluate(
    async ({ theme, undocked }) => {
      const [commonPath, legacyPath] = ["./core/common/common.js", "./ui/legacy/legacy.js"];
      const common = (await import(commonPath)) as {
        Settings: { Settings: { instance(): { moduleSetting(name: string): { set(value: string): void } } } };
      };
      const legacy = (await import(legacyPath)) as {
        DockController: { DockController: { instance(): { setDockSide(side: string): void } } };
      };
      common.Settings.Settings.instance()
        .moduleSetting("ui-theme")
        .set(theme === "dark" ? "dark" : "default");
      if (undocked) legacy.DockController.DockController.instance().setDockSide("undocked");
    },
    { theme: looks.theme, undocked: looks.undocked },
  );
  await frontend.detach();
}

async function findFrontend(browser: ExtensionBrowser, inspected: string | undefined): Promise<Target> {
  const others = new Set<string>();
  for (;;) {
    const what = inspected ? `DevTools of ${inspected} to open` : "DevTools to open";
    const info = await waitForTarget(browser.cdp, what, (info) => isFrontend(info) && !others.has(info.targetId));
    const frontend = await Target.attach(browser.cdp, info);
    const url = await frontend.until(inspectedUrl, 15_000).catch(() => "");
    if (inspected === undefined || url === inspected) return frontend;
    others.add(info.targetId);
    await frontend.detach();
  }
}

/** Runs in DevTools: the URL of what it inspects, once it knows. */
async function inspectedUrl(): Promise<string> {
  const path = "./core/sdk/sdk.js"; // resolved by the page: no bundler may see it
  const sdk = (await import(path)) as { TargetManager: { TargetManager: { instance(): { inspectedURL(): string } } } };
  return sdk.TargetManager.TargetManager.instance().inspectedURL();
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
      const path = "./ui/legacy/legacy.js";
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

/** Centre of the first visible element of a selector. Runs in the panel. */
function centreOfSelector(selector: string): { x: number; y: number } | undefined {
  const box = document.querySelector(selector)?.getBoundingClientRect();
  return box && box.width > 0 ? { x: box.left + box.width / 2, y: box.top + box.height / 2 } : undefined;
}

function click(panel: Target, name: string): Promise<void> {
  return clickOn(panel, centreOf, name);
}

async function clickOn<A extends unknown[]>(
  panel: Target,
  find: (...args: A) => { x: number; y: number } | undefined,
  ...args: A
): Promise<void> {
  const point = await panel.until(find, 15_000, ...args);
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
