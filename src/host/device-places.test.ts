import { expect, test } from "vitest";
import { QmpClient } from "../qemu/qmp/client.ts";
import { fakePeer } from "../qemu/testing/fake-peer.ts";
import { DevicePlaces } from "./device-places.ts";

const NIC = { id: "nic0", driver: "virtio-net-pci" };

/** The places of a q35 whose guest lets go of nothing by itself. */
async function running(answers: Record<string, object | undefined> = {}) {
  const taken: object[] = [];
  const peer = fakePeer(answers, ({ execute, arguments: given }) => {
    if (execute === "device_add") taken.push(given);
  });
  void peer.say('{"QMP":{}}\n');
  const qmp = await QmpClient.connect(peer.channel, peer.stop.signal);
  const release = () =>
    peer.say(`${JSON.stringify({ event: "DEVICE_DELETED", data: { device: "nic0", path: "" } })}\n`);
  return { places: new DevicePlaces(qmp, "q35", 20), taken, release, stop: peer.stop };
}

test("each device gets a port of its own", async () => {
  const { places, taken } = await running();
  await places.plug(NIC);
  await places.plug({ ...NIC, id: "nic1" });
  expect(taken).toEqual([
    { ...NIC, bus: "port0" },
    { ...NIC, id: "nic1", bus: "port1" },
  ]);
  expect(() => places.checkFree()).toThrow("2 devices were added while the VM runs");
});

test("a guest that does not let go keeps the device; asked again when it has, it is gone", async () => {
  const answers: Record<string, object | undefined> = {};
  const { places, release } = await running(answers);
  await places.plug(NIC);
  await expect(places.unplug("nic0", "network adapter nic0")).rejects.toMatchObject({
    code: "vm-state",
    message: "The guest does not let go of the network adapter nic0.",
  });
  expect(places.has("nic0")).toBe(true);
  await release();
  answers.device_del = { error: { class: "DeviceNotFound", desc: "Device 'nic0' not found" } };
  await places.unplug("nic0", "network adapter nic0");
  expect(places.has("nic0")).toBe(false);
});

test("a VM that ends meanwhile is not a guest that holds on", async () => {
  const { places, stop } = await running({ device_del: undefined });
  await places.plug(NIC);
  const unplugged = places.unplug("nic0", "network adapter nic0");
  stop.abort(new Error("The VM was stopped."));
  await expect(unplugged).rejects.toThrow("The VM was stopped.");
});

test("what QEMU refuses changes nothing", async () => {
  const error = { class: "GenericError", desc: "guest is busy" };
  const { places } = await running({ device_del: { error } });
  await places.plug(NIC);
  await expect(places.unplug("nic0", "network adapter nic0")).rejects.toThrow("guest is busy");
  expect(places.has("nic0")).toBe(true);
  const full = await running({ device_add: { error } });
  await expect(full.places.plug(NIC)).rejects.toThrow("guest is busy");
  expect(full.places.has("nic0")).toBe(false);
});
