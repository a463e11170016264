import { expect, type Page } from "@playwright/test";
import type { VmInfo } from "../../src/engine/api.ts";
import type { ExtensionBrowser } from "../../tools/lib/chromium.ts";

/** The panel in a tab, with a VM selected. */
export async function openPanel(extension: ExtensionBrowser, vm?: VmInfo): Promise<Page> {
  const panel = await extension.openPage("panel/index.html");
  if (vm) await row(panel, vm).click();
  return panel;
}

/** The VM's row in the panel's list. */
export function row(panel: Page, vm: VmInfo) {
  return panel.locator(`[role=row][data-vm-id="${vm.id}"]`);
}

/** Text on the toolbar button's badge; asks by any page of the extension. */
export function badge(page: Page): Promise<string> {
  return page.evaluate(() => chrome.action.getBadgeText({}));
}

/** The panel shows the VM's state, and the sentence and hint of why. */
export async function expectTrouble(extension: ExtensionBrowser, vm: VmInfo): Promise<Page> {
  expect(vm.reason?.message).toMatch(/\w.*\.$/);
  expect(vm.reason?.hint).toMatch(/\w.*\.$/);
  const panel = await openPanel(extension, vm);
  await expect(row(panel, vm)).toHaveAttribute("data-state", vm.state);
  const alert = panel.getByRole("alert").filter({ hasText: vm.reason?.message ?? "" });
  await expect(alert).toContainText(vm.reason?.hint ?? "");
  return panel;
}
