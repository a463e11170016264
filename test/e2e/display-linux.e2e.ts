import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Page } from "@playwright/test";
import { displayInitramfs } from "../../qemu-wasm/guests/display.ts";
import type { Profile } from "../../src/model/profile.ts";
import type { EnginePage, PageGlobal } from "../../tools/lib/engine-page.ts";
import { openPanel } from "../lib/panel.ts";
import { openScreen, screenText, typeKeys } from "../lib/screen.ts";
import { expect, test } from "../lib/test.ts";

/** The quick VM with a screen, and with the program `screen` (qemu-wasm/guests/display). */
async function startGuest(engine: EnginePage, pointer: Profile["pointer"] = "tablet") {
  const profile = await engine.page.evaluate(() =>
    (globalThis as unknown as PageGlobal).qemuweb.engine.quickProfile(true),
  );
  if (!profile.boot) throw new Error("The quick VM boots no kernel.");
  const initrd = await displayInitramfs();
  const boot = { ...profile.boot, initrd: { from: "user", name: basename(initrd) } as const };
  const guest = await engine.create({ ...profile, pointer, boot }, { [basename(initrd)]: initrd });
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

test("a mouse is captured until it is let go; the screen is saved as a picture and as a film, and fills the screen", async ({
  extension,
  engine,
}) => {
  const guest = await startGuest(engine, "mouse");
  const panel = await openPanel(extension, guest.info);
  await openScreen(panel);
  const captured = () => panel.evaluate(() => document.pointerLockElement?.className);
  await expect.poll(captured).toBe("screen-canvas");
  await guest.type("screen events");
  await guest.find("ready");
  await panel.mouse.move(640, 400);
  await panel.mouse.move(660, 390);
  await guest.find("by 20 -10");
  await panel.keyboard.press("ControlLeft+AltLeft");
  await expect.poll(captured).toBeUndefined();

  const tool = (name: string) => panel.getByRole("button", { name, exact: true });
  const size = await panel.locator(".screen-canvas").evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    return { width, height };
  });
  const picture = await saved(panel, () => tool("Screenshot").click());
  expect(picture.subarray(1, 4).toString()).toBe("PNG");
  expect({ width: picture.readUInt32BE(16), height: picture.readUInt32BE(20) }).toEqual(size);

  await tool("Record").click();
  const film = await saved(panel, () => tool("Stop recording").click());
  expect(await playedSize(panel, film)).toEqual(size);

  await tool("Full screen").click();
  await expect.poll(() => panel.evaluate(() => document.fullscreenElement?.className)).toBe("screen");
  await expect(panel.getByRole("textbox", { name: /^Keyboard of/ })).toBeFocused();
  await panel.evaluate(() => document.exitFullscreen());
});

/** The bytes of the download that `save` begins. */
async function saved(panel: Page, save: () => Promise<void>): Promise<Buffer> {
  const download = panel.waitForEvent("download");
  await save();
  return readFileSync(await (await download).path());
}

/** The size of a film's pictures, once the browser has shown one. */
function playedSize(panel: Page, film: Buffer): Promise<{ width: number; height: number }> {
  return panel.evaluate(async (base64) => {
    const video = document.createElement("video");
    video.muted = true;
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    video.src = URL.createObjectURL(new Blob([bytes], { type: "video/webm" }));
    const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    await video.play();
    await shown;
    return { width: video.videoWidth, height: video.videoHeight };
  }, film.toString("base64"));
}
