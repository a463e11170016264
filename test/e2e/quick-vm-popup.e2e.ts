import { badge } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("the popup's Quick VM boots real Linux, the badge counts it, and the popup shuts it down", async ({
  extension,
  engine,
}) => {
  const popup = await extension.openPage("popup/index.html");
  await popup.getByRole("button", { name: "Quick VM" }).click();
  await expect.poll(() => [...engine.vms.values()].map((vm) => vm.state)).toEqual(["running"]);
  await expect(popup.getByText("Running")).toBeVisible();

  await expect.poll(() => badge(popup)).toBe("1");
  const [vm] = engine.vms.values();
  const guest = engine.guest(vm?.id ?? "");
  await guest.attach();
  await guest.prompt();
  expect(await guest.run("uname -s")).toBe("Linux\n");

  await popup.getByRole("button", { name: "Shut down Quick VM" }).click();
  await guest.state(["off"]);
  await expect.poll(() => badge(popup)).toBe("");
});
