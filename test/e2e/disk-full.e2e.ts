import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Disk } from "../../src/model/profile.ts";
import { EnginePage } from "../../tools/lib/engine-page.ts";
import { brokenExtension } from "../lib/broken-extension.ts";
import { openPanel, row } from "../lib/panel.ts";
import { blankQcow2 } from "../lib/qcow2.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

/** With `unlimitedStorage` there would be no quota to fill. */
const withQuota = (copy: string) => {
  const path = join(copy, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  manifest.permissions = manifest.permissions.filter((name: string) => name !== "unlimitedStorage");
  writeFileSync(path, JSON.stringify(manifest));
};
test.use({ folder: brokenExtension(withQuota) });

test("a full store pauses the VM and says what to do; with space again, a resume continues the guest's write", async ({
  extension,
}) => {
  const quota = await extension.context.newCDPSession(await extension.context.newPage());
  const origin = extension.url("").slice(0, -1);
  // Before the engine stores anything: Chromium remembers for half a minute how much space there was.
  await quota.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 6 * MIB });
  const engine = await EnginePage.open(extension);
  const disk: Disk = {
    id: "disk0",
    file: { from: "user", name: "data.img" },
    format: "qcow2",
    interface: "virtio",
    access: "persistent",
  };
  const profile = { ...(await engine.quickProfile()), disks: [disk] };
  const guest = await engine.create(profile, { "data.img": blankQcow2(64 * MIB) });
  await guest.start();
  await guest.prompt();
  await guest.run("dd if=/dev/urandom of=/tmp/data bs=1M count=10");
  const sum = await guest.run("sha256sum </tmp/data");

  await guest.type("dd if=/tmp/data of=/dev/vda bs=1M conv=fsync; echo written-$?");
  const vm = await guest.next((info) => info.state === "paused" && info.reason?.code === "disk-stopped");
  const panel = await openPanel(extension, vm);
  const alert = panel.getByRole("alert").filter({ hasText: "disk data.img failed" });
  await expect(alert).toContainText("Free some disk space");

  const again = guest.next((info) => info.state === "running");
  await alert.getByRole("button", { name: "Resume" }).click(); // too early
  await again;
  await guest.state(["paused"]);
  await expect(alert).toContainText("Free some disk space");

  await quota.send("Storage.overrideQuotaForOrigin", { origin });
  await alert.getByRole("button", { name: "Resume" }).click();
  await guest.find("written-0");
  await expect(row(panel, vm)).toHaveAttribute("data-state", "running");
  await expect(alert).toBeHidden();
  await guest.prompt();
  // From the store, by another engine: nothing is left in this one's memory.
  await guest.act("shutdown");
  await guest.state(["off"]);
  await guest.act("start");
  await guest.prompt();
  expect(await guest.run("dd if=/dev/vda bs=1M count=10 2>/dev/null | sha256sum")).toBe(sum);
});
