import { createHash } from "node:crypto";
import type { PageGlobal } from "../../tools/lib/engine-page.ts";
import { openPanel } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test.setTimeout(300_000);

/** 1 MiB of lines of printable characters, no two alike. */
function longText(): string {
  const lines: string[] = [];
  for (let length = 0; length < 1 << 20; length += 64) {
    lines.push(createHash("sha256").update(String(length)).digest("hex").slice(0, 63));
  }
  return `${lines.join("\n")}\n`;
}

const pasted = longText();
const hash = createHash("sha256").update(pasted).digest("hex");

// Without an echo, which would be as long again.
const receive = "stty -echo; cat >/tmp/f; stty echo";

test("1 MB written to the console arrives whole", async ({ engine }) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  await guest.type(receive);
  await guest.write(Buffer.from(pasted));
  await guest.write(Uint8Array.of(4)); // Ctrl+D
  expect(await guest.run("sha256sum </tmp/f")).toContain(hash);
});

test("1 MB pasted into the panel's terminal arrives whole", async ({ extension, engine }) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  const panel = await openPanel(extension, guest.info);
  await panel.getByRole("tab", { name: "Console" }).click();
  await expect(panel.locator(".xterm")).toBeVisible();
  await guest.type(receive);
  await panel.evaluate(({ id, text }) => (globalThis as unknown as PageGlobal).qemuweb.terminal?.(id)?.paste(text), {
    id: guest.id,
    text: pasted,
  });
  const pending = (id: string) => (globalThis as unknown as PageGlobal).qemuweb.terminal?.(id)?.pending;
  await expect.poll(() => panel.evaluate(pending, guest.id), { timeout: 240_000 }).toBe(0);
  await guest.write(Uint8Array.of(4)); // Ctrl+D
  expect(await guest.run("sha256sum </tmp/f")).toContain(hash);
});
