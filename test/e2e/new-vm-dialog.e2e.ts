import { join } from "node:path";
import { quick } from "../../qemu-wasm/guests/quick.ts";
import { dist } from "../../tools/build.ts";
import { openPanel } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("a VM of the user's own kernel, initrd and disk, made in the New VM dialog", async ({ extension, engine }) => {
  const panel = await openPanel(extension);
  await panel.getByRole("button", { name: "New VM" }).click();
  const dialog = panel.getByRole("dialog", { name: "New VM" });
  const field = (name: string) => dialog.getByLabel(name, { exact: true });
  await field("Name").fill("Mine");
  await field("Memory").fill("256");
  await field("Kernel").setInputFiles(join(dist, "guests", quick.kernel));
  await field("Initrd").setInputFiles(join(dist, "guests", quick.initrd));
  await field("Kernel command line").fill(`${quick.commandLine} ${quick.commandLineWithoutHostTsc}`);
  const disk = Buffer.alloc(1 << 20);
  disk.write("written on the disk");
  await field("Disk").setInputFiles({ name: "my disk.img", mimeType: "application/octet-stream", buffer: disk });
  await dialog.getByRole("button", { name: "Create and start" }).click();
  await expect(dialog).toBeHidden();

  await expect.poll(() => [...engine.vms.values()].map((vm) => vm.state)).toEqual(["running"]);
  const [vm] = engine.vms.values();
  const guest = engine.guest(vm?.id ?? "");
  await guest.attach();
  await guest.prompt();
  expect(await guest.run("head -c 19 /dev/vda")).toBe("written on the disk");
  expect(Number(await guest.run("awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo"))).toBeLessThan(256);
  // What the guest writes is seen until it ends.
  expect(await guest.run("echo changed >/dev/vda; sync; echo 3 >/proc/sys/vm/drop_caches; head -c 7 /dev/vda")).toBe(
    "changed",
  );

  await panel.getByRole("tab", { name: "Log" }).click();
  await expect(panel.getByTestId("command-line")).toContainText("-m 256M");
});

test("the dialog says what is wrong, and creates nothing", async ({ extension, engine }) => {
  const panel = await openPanel(extension);
  await panel.getByRole("button", { name: "New VM" }).click();
  const dialog = panel.getByRole("dialog", { name: "New VM" });
  await dialog.getByLabel("Memory", { exact: true }).fill("lots");
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await expect(dialog.getByLabel("Memory", { exact: true })).toBeFocused();
  await expect(dialog.getByText("whole number of MiB")).toBeVisible();
  expect(engine.vms.size).toBe(0);
});
