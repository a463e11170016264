/** One run of `npm run bench:display`: a guest that draws, with and without a viewer. */
import { basename } from "node:path";
import type { Page } from "@playwright/test";
import { displayInitramfs } from "../../qemu-wasm/guests/display.ts";
import type { DisplayType } from "../../src/model/profile.ts";
import { type ExtensionBrowser, launch } from "../lib/chromium.ts";
import { EnginePage, type PageGlobal } from "../lib/engine-page.ts";
import type { Guest } from "../lib/guest.ts";
import { threadTimes, vmProcess, workers } from "./threads.ts";

export interface DisplayFigures {
  /** Full-screen pictures that the guest drew a second while nobody watched, and while the panel did. */
  drawnOff: number;
  drawnOn: number;
  /** Milliseconds of the vCPU thread's CPU time for such a picture. */
  vcpuOff: number;
  vcpuOn: number;
  /** Frames that the panel drew a second meanwhile. */
  delivered: number;
  /** Milliseconds from a key's press in the panel to the guest's answer on its canvas. */
  latencies: number[];
}

const PRESSES = 30;

export async function runDisplay(extension: string, card: DisplayType, seconds: number): Promise<DisplayFigures> {
  const browser = await launch({ extension });
  try {
    const guest = await startGuest(await EnginePage.open(browser), card);
    const off = await draw(browser, guest, seconds);
    const panel = await openDisplay(browser, guest);
    const before = await frames(panel, guest);
    const began = performance.now();
    const on = await draw(browser, guest, seconds);
    const delivered = ((await frames(panel, guest)) - before) / ((performance.now() - began) / 1000);
    const latencies = await keyLatencies(panel, guest);
    return { drawnOff: off.rate, drawnOn: on.rate, vcpuOff: off.vcpu, vcpuOn: on.vcpu, delivered, latencies };
  } finally {
    await browser.close();
  }
}

/** The quick VM with the program `screen` (qemu-wasm/guests/display) at its prompt. */
async function startGuest(page: EnginePage, card: DisplayType): Promise<Guest> {
  const quick = await page.quickProfile();
  if (!quick.boot) throw new Error("The quick VM's profile has no kernel of its own.");
  const initrd = await displayInitramfs();
  const guest = await page.create(
    {
      ...quick,
      display: card,
      // The quick VM's kernel knows no PS/2 keyboard.
      extraArgs: card === "virtio" ? [] : ["-device", "virtio-keyboard-pci"],
      boot: { ...quick.boot, initrd: { from: "user", name: basename(initrd) } },
    },
    { [basename(initrd)]: initrd },
  );
  await guest.start();
  await guest.prompt();
  return guest;
}

/** Pictures a second, and milliseconds of the vCPU thread's time for one. */
async function draw(browser: ExtensionBrowser, guest: Guest, seconds: number): Promise<{ rate: number; vcpu: number }> {
  const pid = await vmProcess(browser);
  const before = new Map(threadTimes(pid).map((thread) => [thread.tid, thread.seconds]));
  const [, count, time] = /drawn (\d+) (\d+)/.exec(await guest.run(`screen draw ${seconds}`)) ?? [];
  if (count === undefined) throw new Error("The guest could not draw.");
  const spent = workers(threadTimes(pid)).map((thread) => thread.seconds - (before.get(thread.tid) ?? 0));
  // Of the VM's threads, the busiest is the vCPU's.
  return { rate: (Number(count) * 1e9) / Number(time), vcpu: (1000 * Math.max(...spent)) / Number(count) };
}

async function openDisplay(browser: ExtensionBrowser, guest: Guest): Promise<Page> {
  const panel = await browser.openPage(`panel/index.html?vm=${guest.id}`);
  await panel.getByRole("tab", { name: "Display" }).click();
  await panel.locator(".screen-canvas").waitFor({ state: "visible" });
  return panel;
}

function frames(panel: Page, guest: Guest): Promise<number> {
  return panel.evaluate((id) => (globalThis as unknown as PageGlobal).qemuweb.display?.(id)?.frames ?? 0, guest.id);
}

/** The guest shows white while a key is down: the time is taken when the page draws a picture that has it. */
async function keyLatencies(panel: Page, guest: Guest): Promise<number[]> {
  await guest.type("screen flash");
  await guest.find("ready");
  await panel.locator(".screen-canvas").click();
  const latencies: number[] = [];
  for (let n = 0; n < PRESSES; n++) {
    const white = panel.evaluate(async (id) => {
      const canvas = (globalThis as unknown as PageGlobal).qemuweb.display?.(id)?.canvas;
      const pressed = await new Promise<number>((resolve) => {
        addEventListener("keydown", (event) => resolve(event.timeStamp), { capture: true, once: true });
      });
      while (canvas?.getContext("2d")?.getImageData(512, 384, 1, 1).data[0] !== 255)
        await new Promise(requestAnimationFrame);
      return performance.now() - pressed;
    }, guest.id);
    await panel.evaluate(() => new Promise(requestAnimationFrame)); // by now it listens
    await panel.keyboard.down("a");
    latencies.push(await white);
    await panel.keyboard.up("a");
    await panel.evaluate(async (id) => {
      const canvas = (globalThis as unknown as PageGlobal).qemuweb.display?.(id)?.canvas;
      while (canvas?.getContext("2d")?.getImageData(512, 384, 1, 1).data[0] !== 0)
        await new Promise(requestAnimationFrame);
    }, guest.id);
  }
  await panel.keyboard.press("q");
  await guest.prompt();
  return latencies;
}
