import { openPanel, row } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("the service worker dies while a VM runs: open pages go on, and new ones connect", async ({
  extension,
  engine,
}) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  const panel = await openPanel(extension, guest.info);

  const worker = await extension.serviceWorker();
  const gone = new Promise((resolve) => worker.once("close", resolve));
  const cdp = await extension.context.newCDPSession(panel);
  await cdp.send("ServiceWorker.enable");
  await cdp.send("ServiceWorker.stopAllWorkers");
  await gone;

  expect(await guest.run("echo on-$((1+1))")).toBe("on-2\n");
  await expect(row(panel, guest.info)).toHaveAttribute("data-state", "running");

  const later = await openPanel(extension, guest.info); // wakes a new service worker
  await expect(row(later, guest.info)).toHaveAttribute("data-state", "running");
  const badge = async () => (await extension.serviceWorker()).evaluate(() => chrome.action.getBadgeText({}));
  await expect.poll(badge).toBe("1");
});
