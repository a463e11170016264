import { memtest } from "../../qemu-wasm/guests/memtest.ts";
import { parseProfile } from "../../src/model/parse-profile.ts";
import { openPanel } from "../lib/panel.ts";
import { openScreen, screenText } from "../lib/screen.ts";
import { expect, test } from "../lib/test.ts";

test("memtest86+ runs on the screen, and hears the keyboard", async ({ extension, engine }) => {
  const profile = parseProfile({
    name: "Memtest",
    memory: 64,
    boot: { kernel: { from: "user", name: "memtest" }, append: "" },
    display: "std",
    pointer: "mouse",
  });
  const guest = await engine.create(profile, { memtest: await memtest() });
  await guest.act("start");
  const panel = await openPanel(extension, guest.info);
  await openScreen(panel);
  await expect.poll(() => screenText(panel), { timeout: 60_000 }).toMatch(/Memtest86\+ v\d/);
  await panel.keyboard.press("F1");
  await expect.poll(() => screenText(panel)).toMatch(/Settings:/);
});
