import { expect, test } from "vitest";
import type { DiskSpec } from "../block/disk-image.ts";
import type { Disk, MachineType, Nic } from "../model/profile.ts";
import { QmpClient } from "../qemu/qmp/client.ts";
import { fakePeer } from "../qemu/testing/fake-peer.ts";
import { HotPlug } from "./hot-plug.ts";

const REFUSED = { error: { class: "GenericError", desc: "no" } };
const disk = (id: string, change: Partial<Disk> = {}): Disk => ({
  ...({ id, file: { from: "user", name: "d" }, format: "raw", interface: "virtio", access: "persistent" } as const),
  ...change,
});
const spec = (id: string): DiskSpec => ({
  ...{ vm: "vm", disk: id, image: { from: "blank", size: 512 }, format: "raw", persistent: true },
});

const nic = (id: string, model: Nic["model"] = "virtio"): Nic => ({ id, model, mac: "52:54:00:00:00:01" });

/** A QEMU whose guest lets go of devices and trays at once; what is done to it, in order. */
async function running(machine: MachineType = "q35", answers: Record<string, object | undefined> = {}, locked = false) {
  const cdrom = { from: "user", name: "cd" } as const;
  const did: string[] = [];
  const nodes: unknown[] = [];
  const open = () => event("DEVICE_TRAY_MOVED", { id: "cdrom0-drive", device: "", "tray-open": true });
  const peer = fakePeer(answers, ({ execute, arguments: taken }) => {
    did.push(execute);
    if (execute === "blockdev-add") nodes.push(taken);
    if (execute === "device_del") event("DEVICE_DELETED", { device: taken.id, path: "" });
    if (execute === "blockdev-open-tray" && !locked) open();
  });
  const event = (name: string, data: object) => void peer.say(`${JSON.stringify({ event: name, data })}\n`);
  void peer.say('{"QMP":{}}\n');
  const qmp = await QmpClient.connect(peer.channel, peer.stop.signal);
  did.length = 0;
  const run = {
    qmp,
    addDisk: async (added: DiskSpec) => void did.push(`add ${added.disk}`),
    removeDisk: async (id: string) => void did.push(`remove ${id}`),
  };
  return { did, nodes, plug: new HotPlug(run, { machine, cdrom }), run, open };
}

test("attaches and detaches in order; a place that is left is free again", async () => {
  const { did, plug } = await running();
  await plug.attach(disk("a"), spec("a"));
  expect(did.splice(0)).toEqual(["add a", "blockdev-add", "device_add"]);
  await plug.attach(disk("b"), spec("b"));
  await expect(plug.attach(disk("c"), spec("c"))).rejects.toThrow("there is no place for more");
  did.length = 0;
  expect(plug.hasDisk("a")).toBe(true);
  await plug.detach("a");
  expect(plug.hasDisk("a")).toBe(false);
  expect(did).toEqual(["device_del", "blockdev-del", "remove a"]);
  await plug.attach(disk("c"), spec("c"));
  await expect(plug.detach("a")).rejects.toMatchObject({ code: "vm-state" });
});

test.each([
  ["blockdev-add", ["add a", "blockdev-add", "remove a"]],
  ["device_add", ["add a", "blockdev-add", "device_add", "blockdev-del", "remove a"]],
])("what was done before %s failed is undone", async (command, steps) => {
  const { did, plug } = await running("q35", { [command]: REFUSED });
  await expect(plug.attach(disk("a"), spec("a"))).rejects.toMatchObject({ code: "command-refused" });
  expect(did).toEqual(steps);
});

test("an image in a format that is only read lies below a qcow2 image of ours", async () => {
  const { plug, nodes } = await running();
  await plug.attach(disk("a", { format: "vdi" }), { ...spec("a"), format: "vdi" });
  expect(nodes).toMatchObject([
    {
      driver: "qcow2",
      "node-name": "a",
      "read-only": false,
      file: { driver: "web", device: "a" },
      backing: { driver: "vdi", "read-only": true, file: { driver: "web", device: "a.image" } },
    },
  ]);
});

test("what can't be attached while a VM runs is refused before anything is done", async () => {
  const { did, plug } = await running();
  await expect(plug.attach(disk("a", { interface: "ide" }), spec("a"))).rejects.toMatchObject({
    code: "profile-invalid",
  });
  const { plug: tiny } = await running("microvm");
  await expect(tiny.attach(disk("a"), spec("a"))).rejects.toThrow("The machine microvm takes no further devices");
  expect(did).toEqual([]);
});

test("an adapter comes with its cable unplugged, into a place that a disk left, and goes again", async () => {
  const { did, plug } = await running();
  await plug.attach(disk("a"), spec("a"));
  await plug.attachNic(nic("nic0"));
  await expect(plug.attachNic(nic("nic1"))).rejects.toThrow("there is no place for more");
  expect(did.splice(0)).toEqual(["add a", "blockdev-add", "device_add", "device_add", "set_link"]);
  await plug.detach("a");
  await plug.attachNic(nic("nic1", "e1000e"));
  expect([plug.hasNic("nic0"), plug.hasNic("nic1"), plug.hasNic("nic2")]).toEqual([true, true, false]);
  did.length = 0;
  await plug.detachNic("nic0");
  expect(did).toEqual(["device_del"]);
  expect(plug.hasNic("nic0")).toBe(false);
  await expect(plug.detachNic("nic0")).rejects.toThrow("The network adapter nic0 was there when the VM started");
});

test("an adapter whose cable can't be unplugged doesn't stay", async () => {
  const { did, plug } = await running("pc", { set_link: REFUSED });
  await expect(plug.attachNic(nic("nic0", "rtl8139"))).rejects.toMatchObject({ code: "command-refused" });
  expect(did).toEqual(["device_add", "set_link", "device_del"]);
  expect(plug.hasNic("nic0")).toBe(false);
});

test("an adapter that is none for PCI Express is not added to a q35 that runs", async () => {
  const { did, plug } = await running();
  for (const model of ["e1000", "rtl8139"] as const) {
    await expect(plug.attachNic(nic("nic0", model))).rejects.toMatchObject({ code: "profile-invalid" });
  }
  expect(did).toEqual([]);
});

test("a medium takes the place of the one before, which is given back", async () => {
  const { did, plug } = await running();
  await plug.insert(spec("x"));
  const out = ["blockdev-open-tray", "blockdev-remove-medium"];
  const inwards = ["blockdev-insert-medium", "blockdev-close-tray"];
  expect(did.splice(0)).toEqual(["add cdrom1", "blockdev-add", ...out, "remove cdrom0", ...inwards]);
  await plug.eject();
  expect(did.splice(0)).toEqual([...out, "blockdev-del", "remove cdrom1", "blockdev-close-tray"]);
  await plug.insert(spec("x"));
  expect(did).toEqual(["add cdrom2", "blockdev-add", ...out, ...inwards]);
});

test("a drive that the VM was started with empty takes a medium", async () => {
  const { did, run } = await running();
  await new HotPlug(run, { machine: "q35", cdrom: null }).insert(spec("x"));
  expect(did).not.toContain("remove cdrom0");
});

test("a tray that the guest has locked is waited for", async () => {
  const answers: Record<string, object | undefined> = { "blockdev-remove-medium": REFUSED };
  const { did, plug, open } = await running("q35", answers, true);
  const ejected = plug.eject();
  await expect.poll(() => did).toEqual(["blockdev-open-tray", "blockdev-remove-medium"]);
  delete answers["blockdev-remove-medium"];
  open();
  await ejected;
  expect(did.slice(2)).toEqual(["blockdev-remove-medium", "remove cdrom0", "blockdev-close-tray"]);
});
