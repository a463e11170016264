import { basename } from "node:path";
import { displayInitramfs } from "../../qemu-wasm/guests/display.ts";
import type { EnginePage, PageGlobal } from "../../tools/lib/engine-page.ts";
import { openPanel } from "../lib/panel.ts";
import { openScreen, screenText, typeKeys } from "../lib/screen.ts";
import { expect, test } from "../lib/test.ts";

/** The quick VM with a screen, and with the program `screen` (qemu-wasm/guests/display). */
async function startGuest(engine: EnginePage) {
  const profile = await engine.page.evaluate(() =>
    (globalThis as unknown as PageGlobal).qemuweb.engine.quickProfile(true),
  );
  if (!profile.boot) throw new Error("The quick VM boots no kernel.");
  const initrd = await displayInitramfs();
  const boot = { ...profile.boot, initrd: { from: "user", name: basename(initrd) } as const };
  const guest = await engine.create({ ...profile, boot }, { [basename(initrd)]: initrd });
  await guest.start();
  await guest.prompt();
  return guest;
}

test("a command typed at Linux's framebuffer console runs; keys don't stick when the focus leaves", async ({
  extension,
  engine,
}) => {
  const guest = await startGuest(engine);
  const panel = await openPanel(extension, guest.info);
  await openScreen(panel);
  await expect.poll(() => screenText(panel)).toContain("root@quick:~#");
  await typeKeys(panel, "echo 'By Key!' | tee /dev/ttyS0\n");
  await guest.find("By Key!");
  await expect.poll(() => screenText(panel)).toMatch(/tee \/dev\/ttyS0\nBy Key!\n/);

  await guest.type("screen events");
  await guest.find("ready");
  await panel.keyboard.down("ShiftLeft");
  await guest.find("key 42 1");
  await panel.getByRole("searchbox").focus();
  await guest.find("key 42 0");
  await panel.keyboard.up("ShiftLeft");

  // The chord that leaves the guest does so, and the guest sees its keys come up.
  await panel.locator(".screen-canvas").click();
  await panel.keyboard.down("ControlLeft");
  await panel.keyboard.down("AltLeft");
  await panel.keyboard.up("AltLeft");
  await panel.keyboard.up("ControlLeft");
  await guest.find("key 29 0");
  await expect(panel.getByRole("tab", { name: "Display" })).toBeFocused();
});

test("a click lands on the guest's pixel under the pointer, and the wheel turns", async ({ extension, engine }) => {
  const guest = await startGuest(engine);
  const panel = await openPanel(extension, guest.info);
  await openScreen(panel);
  await guest.type("screen events");
  await guest.find("ready");
  const canvas = panel.locator(".screen-canvas");
  const { width, height } = await canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    return { width, height };
  });
  const box = await canvas.boundingBox();
  if (!box) throw new Error("The screen is not shown.");
  for (const [x, y] of [
    [0, 0],
    [width - 1, height - 1],
    [width - 1, 0],
    [1, height - 2],
    [width >> 1, height >> 1],
    [333, 222],
  ] as const) {
    // The middle of that pixel, wherever the scaled canvas has it.
    await panel.mouse.move(box.x + ((x + 0.5) * box.width) / width, box.y + ((y + 0.5) * box.height) / height);
    await panel.mouse.down();
    const found = /at (\d+) (\d+) of (\d+) (\d+)\s+key 272 1/;
    const [, left, top, right, bottom] = found.exec(await guest.find(found)) ?? [];
    const pixel = (value: string | undefined, most: string | undefined, size: number) =>
      Math.floor((Number(value) * size) / (Number(most) + 1));
    expect(Math.abs(pixel(left, right, width) - x)).toBeLessThanOrEqual(1);
    expect(Math.abs(pixel(top, bottom, height) - y)).toBeLessThanOrEqual(1);
    await panel.mouse.up();
    await guest.find("key 272 0");
  }
  await panel.mouse.wheel(0, 200);
  await guest.find("wheel 8 -1");
  await guest.find("wheel 8 -1");
});
