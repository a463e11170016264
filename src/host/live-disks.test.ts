import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import type { Disk } from "../model/profile.ts";
import { Images } from "./images.ts";
import { LiveDisks } from "./live-disks.ts";
import { runningVm } from "./testing/running-vm.ts";

const file = { from: "user", name: "d" } as const;
const disk: Omit<Disk, "id"> = { file, format: "raw", interface: "virtio", access: "persistent" };
const files = { d: new Blob([new Uint8Array(512)]) };

async function running(change: object = {}) {
  const vm = await runningVm(change, files);
  const stored = async () => (await vm.store.load())[0]?.profile.disks.map(({ id }) => id);
  return { ...vm, stored, live: new LiveDisks({ ...vm.deps, registry: vm.registry }) };
}

test("a disk that is attached is the VM's own, and stored; detached, its changes are forgotten", async () => {
  const { id, qemu, live, stored, deps } = await running();
  const vm = await live.attach(id, disk, files);
  expect(vm.profile.disks).toEqual([{ ...disk, id: "disk0" }]);
  expect(await stored()).toEqual(["disk0"]);
  expect(qemu.commands.slice(-2)).toEqual(["blockdev-add", "device_add"]);
  expect((await live.detach(id, "disk0")).profile.disks).toEqual([]);
  expect(await stored()).toEqual([]);
  expect(qemu.changes).toEqual(["add-disk disk0", "remove-disk disk0"]);
  expect(deps.removed).toEqual([`${id} disk0`]);
});

test("a disk that QEMU refuses leaves nothing", async () => {
  const { id, qemu, live, stored, deps, info } = await running();
  qemu.refused.add("device_add");
  await expect(live.attach(id, disk, files)).rejects.toMatchObject({ code: "command-refused" });
  expect([info().profile.disks, await stored(), deps.removed]).toEqual([[], [], [`${id} disk0`]]);
  expect(qemu.changes).toEqual(["add-disk disk0", "remove-disk disk0"]);
});

test("a disk that can't be attached while the VM runs is refused before anything of it is prepared", async () => {
  const { id, qemu, live, stored, deps } = await running();
  const ide = { ...disk, interface: "ide", access: "snapshot" } as const;
  await expect(live.attach(id, ide, files)).rejects.toThrow("kind ide can't be attached");
  expect([await stored(), await deps.states.vms(), deps.removed, qemu.changes]).toEqual([[], [], [], []]);
});

test("a disk whose changes are forgotten is attached with the file that comes with it", async () => {
  const { id, qemu, live, deps } = await running();
  await live.attach(id, { ...disk, access: "snapshot" }, files);
  expect([await deps.states.vms(), qemu.changes]).toEqual([[id], ["add-disk disk0"]]);
});

test("what is in the drive is the VM's until it is ejected; the drive stays", async () => {
  const { id, live, store, registry, deps } = await running({ cdrom: file });
  const images = new Images(deps.images, registry);
  const image = await images.create({ name: "cd", format: "raw", virtualSize: 512 });
  await live.insert(id, { from: "image", id: image.id }, {});
  expect((await images.list())[0]?.users).toEqual([{ vm: id, disk: "cdrom0", access: "readonly" }]);
  await expect(images.delete(image.id)).rejects.toMatchObject({ code: "image-in-use" });
  expect((await live.eject(id)).profile.cdrom).toBeNull();
  expect(await store.load()).toMatchObject([{ profile: { cdrom: null }, files: {} }]);
  await images.delete(image.id);
  expect((await live.insert(id, file, files)).profile.cdrom).toEqual(file);
});

test("a VM without a drive takes no CD-ROM", async () => {
  const { id, live } = await running();
  await expect(async () => live.eject(id)).rejects.toThrow("The VM has no CD-ROM drive.");
  await expect(async () => live.insert(id, file, files)).rejects.toThrow("The VM has no CD-ROM drive.");
});
