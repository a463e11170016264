// Draws the PNG icons from the SVG files with Chromium: `node icons/render.mjs`. Run it after changing a drawing.
import { readFile } from "node:fs/promises";
import { chromium } from "@playwright/test";

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--headless=new"],
});
const page = await browser.newPage();
for (const size of [16, 32, 48, 128]) {
  const svg = await readFile(new URL(size === 16 ? "icon-16.svg" : "icon.svg", import.meta.url), "utf8");
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
  await page.screenshot({ path: new URL(`${size}.png`, import.meta.url).pathname, omitBackground: true });
}
await browser.close();
