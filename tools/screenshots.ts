/** `npm run screenshots`: the panel in real DevTools with a quick VM at its shell, light and dark, into docs/images/. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../qemu-wasm/build/cache.ts";
import { buildExtension } from "./build.ts";
import { launch } from "./lib/chromium.ts";
import { openDevtoolsPanel, setLooks } from "./lib/devtools.ts";
import type { PageGlobal } from "./lib/engine-page.ts";

/** What is typed, so that there is something to see. */
const commands = ["uname -a", "free -m", "cat /proc/cpuinfo | grep -m1 'model name'"];

const folder = join(repository, "docs", "images");
mkdirSync(folder, { recursive: true });
const extension = await buildExtension();
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
    const file = join(folder, `panel-${theme}.png`);
    writeFileSync(file, await devtools.screenshot());
    console.log(file);
  } finally {
    await browser.close();
  }
}
