/** `npm run screenshots`: the panel in real DevTools with quick VMs at their shells, light and dark, into docs/images/. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../qemu-wasm/build/cache.ts";
import { buildExtension } from "./build.ts";
import { launch } from "./lib/chromium.ts";
import { type DevtoolsPanel, openDevtoolsPanel, setLooks } from "./lib/devtools.ts";
import type { PageGlobal } from "./lib/engine-page.ts";

/** What is typed, so that there is something to see. */
const commands = ["uname -a", "free -m", "cat /proc/cpuinfo | grep -m1 'model name'"];

/** Waits for so many lines of text on the guest's screen, which isn't the firmware's any more. */
async function screenShows({ panel }: DevtoolsPanel, lines: number): Promise<void> {
  await panel.until(
    (lines) => {
      const canvas = document.querySelector<HTMLCanvasElement>(".screen-canvas");
      const context = canvas?.getContext("2d");
      if (!canvas || !context || canvas.width < 1024) return false;
      const isLit = (y: number) =>
        context.getImageData(0, y, canvas.width, 16).data.some((value, n) => n % 4 < 3 && value > 0);
      return Array.from({ length: canvas.height >> 4 }, (_, n) => isLit(16 * n)).filter(Boolean).length >= lines;
    },
    90_000,
    lines,
  );
}

const folder = join(repository, "docs", "images");
mkdirSync(folder, { recursive: true });
const extension = await buildExtension();

async function save(name: string, devtools: DevtoolsPanel): Promise<void> {
  const file = join(folder, name);
  writeFileSync(file, await devtools.screenshot());
  console.log(file);
}

for (const theme of ["light", "dark"] as const) {
  const browser = await launch({ extension, devtools: true, size: { width: 1280, height: 800 } });
  try {
    await setLooks(browser, { theme, undocked: true });
    // Extensions are told the theme that DevTools opens with: a new one.
    const url = "data:text/html,QemuWeb";
    await (await browser.context.newPage()).goto(url);
    const devtools = await openDevtoolsPanel(browser, url);
    await devtools.click("Quick VM");
    for (const [index, command] of ["", ...commands].entries()) {
      if (command !== "") {
        await devtools.focusTerminal();
        await devtools.type(`${command}\n`);
      }
      await devtools.panel.until(
        (prompts) => {
          const id = document.querySelector<HTMLElement>("[role=row][aria-selected=true]")?.dataset.vmId ?? "";
          const text = (globalThis as unknown as PageGlobal).qemuweb.terminal?.(id)?.text() ?? "";
          return text.split("quick:~#").length > prompts;
        },
        90_000,
        index + 1,
      );
    }
    await save(`panel-${theme}.png`, devtools);

    await devtools.click("Display");
    await devtools.click("Quick VM with display");
    await screenShows(devtools, 3);
    await save(`display-${theme}.png`, devtools);
  } finally {
    await browser.close();
  }
}
