import { badge, openPanel, row } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("the service worker dies while a VM runs: open pages go on, and new ones connect", async ({
  extension,
  engine,
}) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  const panel = await openPanel(extension, guest.info);

  const cdp = await extension.context.newCDPSession(panel);
  const stopped = new Promise<void>((resolve) => {
    cdp.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
      if (versions.every((version) => version.runningStatus === "stopped")) resolve();
    });
  });
  await cdp.send("ServiceWorker.enable");
  await cdp.send("ServiceWorker.stopAllWorkers");
  await stopped;

  expect(await guest.run("echo on-$((1+1))")).toBe("on-2\n");
  await expect(row(panel, guest.info)).toHaveAttribute("data-state", "running");

  const later = await openPanel(extension, guest.info); // wakes a new service worker
  await expect(row(later, guest.info)).toHaveAttribute("data-state", "running");
  await expect.poll(() => badge(later)).toBe("1");
});
