import { createHash } from "node:crypto";
import type { EngineApi } from "../../src/engine/api.ts";
import { row } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

const bytes = 10_000_000;

test("10 MB out of the guest: every byte reaches a reader, and the panel stays responsive", async ({
  extension,
  engine,
}) => {
  test.setTimeout(1_200_000); // a UART writes byte by byte, and QEMU interprets
  const guest = await engine.startQuick();
  await guest.prompt();
  const panel = await extension.openPage("panel/index.html");
  await row(panel, guest.info).click();
  await panel.getByRole("tab", { name: "Console" }).click();
  await expect(panel.locator(".xterm")).toBeVisible();
  await guest.run(`yes 0123456789abcdefghijklmnopqrstuvwxyz | head -c ${bytes} >/tmp/f`);

  // Raw, so that the line discipline adds no carriage returns; the marks frame the bytes.
  const hash = createHash("sha256").update(
    "0123456789abcdefghijklmnopqrstuvwxyz\n".repeat(bytes / 37 + 1).slice(0, bytes),
  );
  const received = engine.page.evaluate(
    async ({ id, bytes }) => {
      const { engine } = (globalThis as unknown as { qemuweb: { engine: EngineApi } }).qemuweb;
      const reader = (await engine.openConsole(id, "serial0")).output.getReader();
      const all = new Uint8Array(bytes + (4 << 20));
      let length = 0;
      const latin1 = new TextDecoder("latin1");
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        all.set(next.value, length);
        length += next.value.length;
        const tail = latin1.decode(all.subarray(Math.max(0, length - 4096), length));
        if (tail.includes("flood-ends")) break;
      }
      await reader.cancel();
      const text = latin1.decode(all.subarray(0, length));
      const from = text.indexOf("flood-begins") + "flood-begins".length;
      const flood = all.slice(from, text.indexOf("flood-ends", from));
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", flood));
      return { length: flood.length, sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
    },
    { id: guest.id, bytes },
  );
  await guest.type('stty -opost; printf flood-""begins; cat /tmp/f; printf flood-""ends; stty opost');

  // While it floods, the panel's own thread answers at once: how late is a frame that was asked for in 200 ms?
  let latest = 0;
  let over = false;
  void received.finally(() => {
    over = true;
  });
  while (!over) {
    const late = await panel.evaluate(async () => {
      const asked = performance.now();
      await new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve), 200));
      return performance.now() - asked - 200;
    });
    latest = Math.max(latest, late);
  }
  expect(await received).toEqual({ length: bytes, sha256: hash.digest("hex") });
  expect(latest).toBeLessThan(2000);
});
