import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import type { Profile } from "../model/profile.ts";
import { LiveNics } from "./live-nics.ts";
import { Registry } from "./registry.ts";
import { fakeDeps } from "./testing/fake-engine.ts";
import { IdbVmStore } from "./vm-store.ts";

/** A VM that runs, of a registry whose store a test can read. */
async function running(change: object = {}) {
  const deps = await fakeDeps();
  const store = new IdbVmStore(crypto.randomUUID());
  const registry = new Registry(deps, store);
  await registry.load();
  const { id } = await registry.create({ name: "t", ...change } as unknown as Profile, {});
  const starting = registry.get(id).start();
  await expect.poll(() => deps.workers[0]?.started).toBeDefined();
  const [qemu] = deps.workers;
  if (!qemu) throw new Error("no worker");
  await qemu.boot();
  await starting;
  await expect.poll(() => registry.get(id).info.state).toBe("running");
  const stored = async () => (await store.load())[0]?.profile.nics;
  return { id, qemu, registry, stored, live: new LiveNics(registry), info: () => registry.get(id).info };
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
