import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import type { Profile } from "../model/profile.ts";
import type { EngineEvent } from "../model/vm.ts";
import { Registry } from "./registry.ts";
import { fakeDeps } from "./testing/fake-engine.ts";
import type { VmDeps } from "./vm.ts";
import { IdbVmStore, type VmStore } from "./vm-store.ts";

const profile = (change: object = {}) => ({ name: "t", ...change }) as unknown as Profile;
const disks = [{ file: { from: "user", name: "d" }, format: "raw" }];

async function make(store: VmStore = new IdbVmStore(crypto.randomUUID()), deps?: VmDeps) {
  const registry = new Registry(deps ?? (await fakeDeps()), store);
  await registry.load();
  return registry;
}
function follow(registry: Registry, since: number) {
  const reader = registry.events.follow(since, new AbortController().signal).getReader();
  return async () => (await reader.read()).value as EngineEvent;
}

test("VMs and their files survive, and come back off in their order", async () => {
  const store = crypto.randomUUID();
  const first = await make(new IdbVmStore(store));
  const a = await first.create(profile({ name: "a", disks }), { d: new Blob(["12"]), stray: new Blob(["x"]) });
  const b = await first.create(profile({ name: "b" }), {});
  await first.create(profile({ name: "c" }), {}).then((vm) => first.delete(vm.id));
  const again = await make(new IdbVmStore(store));
  expect(again.list()).toEqual([
    { ...a, state: "off" },
    { ...b, state: "off" },
  ]);
  const [stored] = await new IdbVmStore(store).load();
  expect(Object.keys(stored?.files ?? {})).toEqual(["d"]);
});

test("a VM that is refused leaves nothing", async () => {
  const registry = await make();
  await expect(registry.create(profile({ memory: -1 }), {})).rejects.toMatchObject({ code: "profile-invalid" });
  await expect(registry.create(profile({ disks }), {})).rejects.toThrow("The file d was not given with the VM.");
  expect(registry.list()).toEqual([]);
});

test("a store that fails is told, and asked again", async () => {
  let broken = true;
  const fail = async () => {
    if (broken) throw new Error("no space");
    return [];
  };
  const registry = new Registry(await fakeDeps(), {
    load: fail,
    save: async (record) => {
      await fail();
      return record;
    },
    remove: async () => {},
  });
  await expect(registry.load()).rejects.toThrow("no space");
  await expect(registry.create(profile(), {})).rejects.toThrow("no space");
  expect(registry.list()).toEqual([]);
  broken = false;
  await registry.load();
});

test("whoever names a stored VM waits until it is back, or learns that the store fails", async () => {
  const store = new IdbVmStore(crypto.randomUUID());
  const { id } = await (await make(store)).create(profile(), {});
  let fails = true;
  const load = () => (fails ? Promise.reject(new Error("locked")) : store.load());
  const registry = new Registry(await fakeDeps(), {
    load,
    save: (record) => store.save(record),
    remove: async () => {},
  });
  await expect(registry.find(id)).rejects.toThrow("locked");
  fails = false;
  expect((await registry.find(id)).info).toMatchObject({ id, state: "off" });
  await expect(registry.find(crypto.randomUUID())).rejects.toMatchObject({ code: "no-such-vm" });
});

test("what this engine cannot do is refused when the VM is made", async () => {
  const registry = await make();
  const machine = { machine: "pc" }; // the fake engine has q35 alone
  await expect(registry.create(profile(machine), {})).rejects.toThrow("built without the machine pc");
});

test("a stored VM of a later version hides no other, and is told", async () => {
  const store = crypto.randomUUID();
  const good = await (await make(new IdbVmStore(store))).create(profile(), {});
  const later = { id: "later", profile: { ...good.profile, version: 99 } as unknown as Profile, files: {} };
  await new IdbVmStore(store).save(later);
  const registry = await make(new IdbVmStore(store));
  expect(registry.list().map((vm) => vm.id)).toEqual([good.id]);
  expect(registry.unreadable?.message).toBe("The profile's version is 99.");
});

test("a VM's kept changes are deleted with it", async () => {
  const deps = await fakeDeps();
  const registry = await make(undefined, deps);
  const kept = { ...disks[0], access: "persistent" };
  const vm = await registry.create(profile({ disks: [...disks, kept] }), { d: new Blob(["d"]) });
  await registry.delete(vm.id);
  expect(deps.removed).toEqual([`${vm.id} disk0`, `${vm.id} disk1`]);
});

const image = (id: string) => ({ file: { from: "image", id }, format: "raw", access: "persistent" });

test("a VM that is changed keeps disks by their ids; what is no more loses its changes", async () => {
  const deps = await fakeDeps();
  const store = crypto.randomUUID();
  const registry = await make(new IdbVmStore(store), deps);
  const job = { signal: new AbortController().signal, progress: () => {} };
  const { id } = await deps.images.create({ name: "blank", format: "raw", virtualSize: 512 }, job);
  const vm = await registry.create(profile({ disks: [image(id), image(id), disks[0]] }), { d: new Blob(["12"]) });
  await registry.create(profile({ name: "second" }), {});
  expect(vm.profile.disks.map((disk) => disk.id)).toEqual(["disk0", "disk1", "disk2"]);
  const [, second, third] = vm.profile.disks;
  const changed = await registry.update(vm.id, profile({ name: "new", disks: [third, image(id), second] }), {});
  expect(changed.profile.disks.map((disk) => disk.id)).toEqual(["disk2", "disk3", "disk1"]);
  expect(deps.removed).toEqual([`${vm.id} disk0`]);
  expect(registry.owns(vm.id, "disk3")).toBe(true);
  expect(registry.owns(vm.id, "disk0")).toBe(false);
  const again = await make(new IdbVmStore(store), deps);
  expect(again.list().map((vm) => vm.profile.name)).toEqual(["new", "second"]);
  expect(await again.get(vm.id).record.files.d?.text()).toBe("12");
});

test("a change that can't be is refused, and changes nothing", async () => {
  const deps = await fakeDeps();
  const registry = await make(undefined, deps);
  const vm = await registry.create(profile({ disks }), { d: new Blob(["12"]) });
  const [disk] = vm.profile.disks;
  const update = (change: object) => registry.update(vm.id, profile(change), {});
  await expect(update({ disks: [{ ...disk, format: "qcow2" }] })).rejects.toThrow("would have another image");
  await expect(update({ disks: [image("gone")] })).rejects.toMatchObject({ code: "no-such-image" });
  await expect(update({ boot: { kernel: { from: "user", name: "x" } } })).rejects.toThrow("The file x was not given");
  const starting = registry.get(vm.id).start();
  await expect(update({})).rejects.toMatchObject({ code: "vm-state" });
  await registry.get(vm.id).stop();
  await starting.catch(() => undefined);
  expect(registry.list()).toMatchObject([{ profile: vm.profile }]);
  expect(deps.removed).toEqual([]);
});

test("a VM that is gone or runs is not deleted", async () => {
  const registry = await make();
  await expect(registry.delete("x")).rejects.toMatchObject({ code: "no-such-vm" });
  const { id } = await registry.create(profile(), {});
  const starting = registry.get(id).start();
  await expect(registry.delete(id)).rejects.toThrow("Turn the VM off first.");
  await registry.get(id).stop();
  await expect(starting).rejects.toThrow("The VM was stopped.");
});

test("events are numbered; a late reader gets each VM's newest, and what was deleted since", async () => {
  const registry = await make();
  const live = follow(registry, 0);
  const a = await registry.create(profile({ name: "a" }), {});
  expect(await live()).toMatchObject({ seq: 1, type: "vm", vm: { id: a.id } });
  const b = await registry.create(profile({ name: "b" }), {});
  await registry.delete(a.id);
  expect([await live(), await live()]).toMatchObject([
    { seq: 2, type: "vm", vm: { id: b.id } },
    { seq: 3, type: "vm-deleted", id: a.id },
  ]);
  expect(await follow(registry, 0)()).toMatchObject({ seq: 2, type: "vm" });
  expect(await follow(registry, 2)()).toMatchObject({ seq: 3, type: "vm-deleted" });
  expect(await follow(registry, 99)()).toMatchObject({ seq: 2, type: "vm" });
});
