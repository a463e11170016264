import { openPanel } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("every control of the panel has a name, at 512 pixels' width too", async ({ extension, engine }) => {
  const guest = await engine.create(await engine.quickProfile());
  const panel = await openPanel(extension, guest.info);
  await panel.setViewportSize({ width: 512, height: 350 });
  const nameless = () =>
    panel.locator("button, input, select, progress, [role=tab], [role=dialog], [role=meter]").evaluateAll((controls) =>
      controls
        .filter((element) => {
          const label = element.getAttribute("aria-label") ?? element.textContent?.trim();
          const labels = (element as HTMLInputElement).labels?.length ?? 0;
          return !label && labels === 0 && !element.getAttribute("aria-labelledby") && !element.hasAttribute("hidden");
        })
        .map((element) => element.outerHTML.slice(0, 200)),
    );
  const scrollbars = () =>
    panel.evaluate(() => [
      document.documentElement.scrollWidth - innerWidth,
      document.documentElement.scrollHeight - innerHeight,
    ]);
  expect(await nameless()).toEqual([]);
  for (const name of ["Start", "New VM", "Quick VM"]) {
    await expect(panel.getByRole("button", { name, exact: true }).first()).toBeInViewport();
  }
  await expect(panel.getByRole("tablist", { name: /^Details/ })).toBeVisible();
  expect(await scrollbars()).toEqual([0, 0]);

  await panel.getByRole("tab", { name: "Disks" }).click();
  await expect(panel.getByRole("button", { name: "Insert CD" })).toBeVisible();
  expect(await nameless()).toEqual([]);
  await panel.getByRole("tab", { name: "Network" }).click();
  await expect(panel.getByText("No network adapters")).toBeVisible();
  expect(await nameless()).toEqual([]);
  await panel.getByRole("tab", { name: "Images" }).click();
  for (const name of ["Import", "From URL", "Blank image", "Settings"]) {
    await expect(panel.getByRole("button", { name, exact: true }).first()).toBeInViewport({ ratio: 1 });
  }
  expect(await nameless()).toEqual([]);
  expect(await scrollbars()).toEqual([0, 0]);
});
