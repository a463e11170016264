import { createHash } from "node:crypto";
import type { EngineApi } from "../../src/engine/api.ts";
import type { ExtensionBrowser } from "../../tools/lib/chromium.ts";
import type { EnginePage } from "../../tools/lib/engine-page.ts";
import { row } from "./panel.ts";
import { expect } from "./test.ts";

/**
 * `cat` of a file of so many bytes in the guest, with the panel's console open: every byte reaches a reader, and the panel goes on
 * drawing meanwhile.
 */
export async function flood(extension: ExtensionBrowser, engine: EnginePage, bytes: number): Promise<void> {
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

  // A frame that the panel is asked for is drawn while the flood lasts: it isn't frozen until its end.
  let frames = 0;
  let over = false;
  const end = received.finally(() => {
    over = true;
  });
  while (!over) {
    await panel.evaluate(() => new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve), 20)));
    frames++;
  }
  expect(await end).toEqual({ length: bytes, sha256: hash.digest("hex") });
  expect(frames).toBeGreaterThan(10);
}
