import { call } from "../../tools/lib/images.ts";
import { expect, test } from "../lib/test.ts";

/** PCI's numbers of the adapters: what the guest sees whether or not it has a driver. */
const DEVICES = { e1000: "0x100e", rtl8139: "0x8139", e1000e: "0x10d3", virtio: "0x1000" } as const;

test("a pc takes every network adapter while it runs, and one that the guest lets go of late goes after all", async ({
  engine,
}) => {
  const guest = await engine.startQuick({ machine: "pc" });
  await guest.prompt();
  const devices = () => guest.run("cat /sys/bus/pci/devices/*/device");
  const attach = (model: keyof typeof DEVICES) => call(engine, "attachNic", guest.id, { model });
  const detach = () => call(engine, "detachNic", guest.id, "nic0");
  for (const model of ["e1000", "rtl8139", "e1000e", "virtio"] as const) {
    await attach(model);
    await expect.poll(devices).toContain(DEVICES[model]);
    expect((await detach()).profile.nics).toEqual([]);
    expect(await devices()).not.toContain(DEVICES[model]);
  }

  await attach("e1000");
  await expect.poll(devices).toContain(DEVICES.e1000);
  await guest.act("pause");
  await expect(detach()).rejects.toThrow("The guest does not let go of the network adapter nic0.");
  expect(guest.info.hotNics).toEqual(["nic0"]);
  await guest.act("resume");
  await expect.poll(devices).not.toContain(DEVICES.e1000);
  expect(await detach()).not.toHaveProperty("hotNics");
});
