import browser from "webextension-polyfill";

const COLOR = "#1a73e8";

interface BadgeMessage {
  type: "badge";
  running: number;
}

/** Tells the service worker how many VMs run; the offscreen document itself has no `action`. */
export async function sendBadge(running: number): Promise<void> {
  const message: BadgeMessage = { type: "badge", running };
  await browser.runtime.sendMessage(message);
}

/** In the service worker: shows what the offscreen document tells. */
export function showBadge(): void {
  browser.runtime.onMessage.addListener((message: unknown) => {
    if (!isBadge(message)) return undefined;
    return setBadge(message.running);
  });
}

async function setBadge(running: number): Promise<void> {
  await browser.action.setBadgeBackgroundColor({ color: COLOR });
  await browser.action.setBadgeText({ text: running === 0 ? "" : String(running) });
}

function isBadge(message: unknown): message is BadgeMessage {
  return typeof message === "object" && message !== null && (message as BadgeMessage).type === "badge";
}
