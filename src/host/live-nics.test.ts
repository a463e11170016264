import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { LiveNics } from "./live-nics.ts";
import { runningVm } from "./testing/running-vm.ts";

async function running(change: object = {}) {
  const vm = await runningVm(change);
  const stored = async () => (await vm.store.load())[0]?.profile.nics;
  return { ...vm, stored, live: new LiveNics(vm.registry) };
}

test("an adapter that is added is the VM's own, and stored; removed, it is gone", async () => {
  const { id, qemu, live, stored } = await running();
  const vm = await live.attach(id, { model: "virtio", mac: "02:00:00:00:00:01" });
  const nic = { id: "nic0", model: "virtio", mac: "02:00:00:00:00:01" };
  expect(vm).toMatchObject({ profile: { nics: [nic] }, hotNics: ["nic0"] });
  expect(await stored()).toEqual([nic]);
  expect(qemu.commands.slice(-2)).toEqual(["device_add", "set_link"]);
  const after = await live.detach(id, "nic0");
  expect([after.profile.nics, after.hotNics, await stored()]).toEqual([[], undefined, []]);
});

test("one that QEMU refuses leaves nothing", async () => {
  const { id, qemu, live, stored, info } = await running();
  qemu.refused.add("device_add");
  await expect(live.attach(id, { model: "virtio" })).rejects.toMatchObject({ code: "command-refused" });
  expect([info().profile.nics, await stored()]).toEqual([[], []]);
});

test("one that the VM started with has its cable unplugged before the guest looks, and stays until the VM is off", async () => {
  const { id, qemu, live, info } = await running({ nics: [{ model: "virtio" }] });
  expect(qemu.commands.slice(0, 3)).toEqual(["qmp_capabilities", "set_link", "query-status"]);
  await expect(live.detach(id, "nic0")).rejects.toThrow("The network adapter nic0 was there when the VM started");
  await expect(async () => live.detach(id, "nic7")).rejects.toThrow("The VM has no network adapter nic7.");
  expect(info()).toMatchObject({ profile: { nics: [{ id: "nic0" }] } });
  expect(info().hotNics).toBeUndefined();
});

test("QEMU's warning of a missing network is not the user's to read", async () => {
  const { id, qemu, registry } = await running({ nics: [{ model: "virtio" }] });
  const log = registry.get(id).openLog(new AbortController().signal);
  qemu.say({ type: "output", source: "stderr", text: "qemu-system-x86_64: warning: nic nic0 has no peer" });
  qemu.say({ type: "output", source: "stderr", text: "qemu-system-x86_64: warning: other" });
  for await (const { source, text } of log) {
    if (source !== "stderr") continue;
    expect(text).toBe("qemu-system-x86_64: warning: other");
    break;
  }
});
