/** The page that owns the VMs. There is one for the extension, created when first needed. */
const PAGE = "offscreen/index.html";

let creating: Promise<void> | undefined;

/** Makes sure that the offscreen document exists; any number of callers share one creation. */
export function ensureOffscreen(): Promise<void> {
  creating ??= create().finally(() => {
    creating = undefined;
  });
  return creating;
}

async function create(): Promise<void> {
  if (await chrome.offscreen.hasDocument()) return;
  // webextension-polyfill has no types for this namespace: it is Chrome's own.
  await chrome.offscreen.createDocument({
    url: PAGE,
    reasons: [chrome.offscreen.Reason.WORKERS],
    justification: "Virtual machines run in Workers, and must go on while the panel and the popup are closed.",
  });
}

/** Is this client of the service worker the offscreen document? */
export function isOffscreen(url: string): boolean {
  return new URL(url).pathname === `/${PAGE}`;
}
