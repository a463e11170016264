import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";
import { CowDevice } from "../block/cow.ts";
import type { BlockDevice } from "../block/device.ts";
import { type DiskSpec, openDisk } from "../block/disk-image.ts";
import { MemoryDevice } from "../block/memory.ts";
import { BLOCK } from "../block/overlay.ts";
import { OverlayStore } from "../block/overlay-store.ts";
import { openQcow2 } from "../block/qcow2/device.ts";
import { planQcow2, writeQcow2 } from "../block/qcow2/write.ts";
import { differs } from "../block/testing/check.ts";
import { fakeLocks } from "../block/testing/fakes.ts";
import { pattern } from "../block/testing/random.ts";
import { fixedVhd } from "../block/testing/vhd.ts";
import { finished } from "../core/progress.ts";
import type { FileExport, ImageInfo } from "../model/image.ts";
import type { Profile } from "../model/profile.ts";
import type { VmInfo } from "../model/vm.ts";
import { Disks } from "./disks.ts";
import { Images } from "./images.ts";
import { Registry } from "./registry.ts";
import { fakeDeps } from "./testing/fake-engine.ts";
import { IdbVmStore } from "./vm-store.ts";

const gone = new AbortController().signal;
const base = pattern(6 * BLOCK + 512, 1).fill(0, BLOCK, 3 * BLOCK);

async function make() {
  const deps = await fakeDeps();
  const overlays = new OverlayStore("overlays", fakeLocks());
  deps.removeDisk = (vm, disk) => overlays.remove(vm, disk);
  const registry = new Registry(deps, new IdbVmStore());
  const images = new Images(deps.images, registry);
  const disks = new Disks({ registry, images, library: deps.images, overlays, engine: deps.engine });
  const take = (bytes: Uint8Array<ArrayBuffer>, name = "image") =>
    finished(images.import(new Blob([bytes]), name, gone));
  const attach = (image: ImageInfo, change: object = {}): Promise<VmInfo> => {
    const file = { from: "image", id: image.id } as const;
    const disk = { file, format: image.format, access: "persistent", ...change };
    return registry.create({ name: "VM", disks: [disk] } as unknown as Profile, {});
  };
  /** Writes as the VM's guest would, below the format. */
  const write = async (vm: VmInfo, offset: number, bytes: Uint8Array) => {
    const device = await open(vm);
    await device.write(offset, bytes);
    await device.close();
  };
  const open = async ({ id, profile }: VmInfo): Promise<BlockDevice> => {
    const [disk] = registry.get(id).record.profile.disks;
    if (disk?.file.from !== "image") throw new Error(`${profile.name} has no disk`);
    const image = await deps.images.open(disk.file.id);
    const spec: DiskSpec = { vm: id, disk: disk.id, image, format: disk.format, persistent: true };
    return openDisk(spec, overlays);
  };
  return { deps, overlays, registry, images, disks, take, attach, write, open };
}

let host: Awaited<ReturnType<typeof make>>;
beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  host = await make();
});

/** As a file of a file system is after all chunks were written to it. */
async function saved({ size, chunks }: FileExport): Promise<Uint8Array<ArrayBuffer>> {
  const file = new Uint8Array(size);
  let length = 0;
  for await (const chunk of chunks) {
    if (chunk.type === "write") file.set(chunk.data, chunk.position);
    else length = chunk.size;
  }
  expect(length).toBe(size);
  return file;
}

async function bytesOf(device: BlockDevice): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(device.size);
  await device.read(0, bytes);
  await device.close();
  return bytes;
}

async function written() {
  const vm = await host.attach(await host.take(base));
  await host.write(vm, 2 * BLOCK + 100, pattern(BLOCK, 2));
  await host.write(vm, 5 * BLOCK, new Uint8Array(BLOCK));
  const expected = base.slice();
  expected.set(pattern(BLOCK, 2), 2 * BLOCK + 100);
  expected.fill(0, 5 * BLOCK, 6 * BLOCK);
  return { vm, expected };
}

test("tells of a disk's image, size and changes", async () => {
  const vm = await host.attach(await host.take(base));
  const info = {
    vm: vm.id,
    disk: "disk0",
    name: "image",
    format: "raw",
    access: "persistent",
    virtualSize: base.length,
  };
  expect(await host.disks.list(vm.id)).toEqual([{ ...info, interface: "virtio" }]);
  await host.write(vm, 0, pattern(10, 2));
  expect(await host.disks.list(vm.id)).toMatchObject([{ ...info, changes: { bytes: BLOCK } }]);
  await host.disks.discard(vm.id, "disk0");
  expect(await host.disks.list(vm.id)).toEqual([{ ...info, interface: "virtio" }]);
  await expect(host.disks.discard(vm.id, "disk9")).rejects.toMatchObject({ code: "no-such-disk" });
});

test("a raw disk leaves raw, as qcow2 and as its changes alone", async () => {
  const { vm, expected } = await written();
  const raw = await host.disks.export(vm.id, "disk0", "raw", gone);
  expect(raw).toMatchObject({ name: "VM disk0.img", size: expected.length });
  expect(differs(await saved(raw), expected)).toBeUndefined();
  const qcow2 = await saved(await host.disks.export(vm.id, "disk0", "qcow2", gone));
  expect(differs(await bytesOf(await openQcow2(new MemoryDevice(qcow2))), expected)).toBeUndefined();
  const overlay = await saved(await host.disks.export(vm.id, "disk0", "overlay", gone));

  const other = await host.attach(await host.take(base, "the same"));
  const progress: number[] = [];
  const importing = host.disks.importOverlay(other.id, "disk0", new Blob([overlay]), gone);
  const info = await finished(importing, (done) => progress.push(done));
  expect(info).toMatchObject({ vm: other.id, changes: { bytes: 2 * BLOCK } });
  expect(differs(await bytesOf(await host.open(other)), expected)).toBeUndefined();
  const foreign = await host.attach(await host.take(pattern(base.length, 9)));
  const wrong = finished(host.disks.importOverlay(foreign.id, "disk0", new Blob([overlay]), gone));
  await expect(wrong).rejects.toMatchObject({ code: "overlay-foreign" });
});

test("an export holds the disk until it ends, is cancelled, or its reader is gone", async () => {
  const { vm } = await written();
  const busy = { code: "disk-busy" };
  for (const format of ["raw", "qcow2", "overlay"] as const) {
    const reading = (await host.disks.export(vm.id, "disk0", format, gone)).chunks;
    await expect(host.disks.discard(vm.id, "disk0")).rejects.toMatchObject(busy);
    await reading.cancel();
    await (await host.open(vm)).close();

    const page = new AbortController();
    const { chunks } = await host.disks.export(vm.id, "disk0", format, page.signal);
    await expect(host.open(vm)).rejects.toMatchObject(busy);
    page.abort(new Error("closed"));
    await expect.poll(() => host.open(vm).then((disk) => disk.close().then(() => "free"))).toBe("free");
    await expect(chunks.getReader().read()).rejects.toThrow("closed");
  }
});

test("a commit makes an image of the disk, which may go on over it", async () => {
  const { vm, expected } = await written();
  const copy = await finished(host.disks.commit(vm.id, "disk0", { name: "copy", attach: false }, gone));
  expect(copy).toMatchObject({ name: "copy", format: "raw", virtualSize: expected.length, users: [] });
  expect(differs(await bytesOf(await host.open(await host.attach(copy))), expected)).toBeUndefined();
  expect(await host.disks.list(vm.id)).toMatchObject([{ name: "image", changes: { bytes: 2 * BLOCK } }]);

  const next = await finished(host.disks.commit(vm.id, "disk0", { name: "next", attach: true }, gone));
  expect(next.users).toEqual([{ vm: vm.id, disk: "disk1", access: "persistent" }]);
  const [disk] = await host.disks.list(vm.id);
  expect(disk).toMatchObject({ name: "next", disk: "disk1" });
  expect(disk).not.toHaveProperty("changes");
  expect(differs(await bytesOf(await host.open(vm)), expected)).toBeUndefined();
});

test("a committed raw disk stays raw, whatever a guest wrote to its beginning", async () => {
  const vm = await host.attach(await host.take(base));
  await host.write(vm, 0, Uint8Array.of(0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3));
  const copy = await finished(host.disks.commit(vm.id, "disk0", { name: "copy", attach: false }, gone));
  expect(copy.format).toBe("raw");
});

test("a commit that is cancelled leaves nothing and lets go of the disk", async () => {
  const { vm } = await written();
  await host.disks.commit(vm.id, "disk0", { name: "copy", attach: true }, gone).cancel();
  expect(await host.images.list()).toHaveLength(1);
  await (await host.open(vm)).close();
});

test("a raw disk grows; what it had stays", async () => {
  const { vm, expected } = await written();
  const larger = 9 * BLOCK + 512;
  expect(await host.disks.resize(vm.id, "disk0", larger)).toMatchObject({ virtualSize: larger });
  const now = await bytesOf(await host.open(vm));
  expect(differs(now.slice(0, expected.length), expected)).toBeUndefined();
  expect(now.subarray(expected.length).every((byte) => byte === 0)).toBe(true);
  await host.write(vm, 9 * BLOCK, pattern(512, 4));
  const copy = await finished(host.disks.commit(vm.id, "disk0", { name: "copy", attach: false }, gone));
  expect(copy.virtualSize).toBe(larger);
  for (const size of [larger - 512, larger + 1, 2 ** 44]) {
    await expect(host.disks.resize(vm.id, "disk0", size)).rejects.toMatchObject({ code: "image-unsupported" });
  }
});

test("a qcow2 disk grows, and leaves as the one file that it is, or raw", async () => {
  const blank = await host.images.create({ name: "blank", format: "qcow2", virtualSize: 2 ** 30 });
  const vm = await host.attach(blank);
  expect(await host.disks.list(vm.id)).toMatchObject([{ virtualSize: 2 ** 30 }]);
  expect(await host.disks.resize(vm.id, "disk0", 2 ** 34)).toMatchObject({ virtualSize: 2 ** 34 });
  const device = await host.open(vm);
  expect(device.size).toBeGreaterThan(2 ** 34);
  await device.close();
  const file = await saved(await host.disks.export(vm.id, "disk0", "qcow2", gone));
  expect(file.length).toBe(4 * BLOCK);
  const grown = await openQcow2(new MemoryDevice(file));
  expect(grown.size).toBe(2 ** 34);
  const raw = await host.disks.export(vm.id, "disk0", "raw", gone);
  expect(raw.size).toBe(2 ** 34);
  await raw.chunks.cancel();
  await expect(host.disks.resize(vm.id, "disk0", 2 ** 43)).rejects.toMatchObject({ message: /no room for the tables/ });
});

test("a disk above an image that is only read has all that others have", async () => {
  const image = await host.take(fixedVhd(base));
  expect(image).toMatchObject({ format: "vpc", virtualSize: base.length });
  const vm = await host.attach(image);
  expect(await host.disks.list(vm.id)).toMatchObject([{ format: "vpc", virtualSize: base.length }]);
  expect(differs(await saved(await host.disks.export(vm.id, "disk0", "raw", gone)), base)).toBeUndefined();

  // What QEMU writes there is a qcow2 image; what is nothing in it is the image's.
  const written = new MemoryDevice(new Uint8Array(base.length));
  await written.write(BLOCK, pattern(BLOCK, 5));
  for await (const chunk of writeQcow2(written, await planQcow2(written))) {
    if (chunk.type === "write") await host.write(vm, chunk.position, chunk.data);
  }
  const expected = base.slice();
  expected.set(pattern(BLOCK, 5), BLOCK);
  expect(differs(await saved(await host.disks.export(vm.id, "disk0", "raw", gone)), expected)).toBeUndefined();
  const qcow2 = await saved(await host.disks.export(vm.id, "disk0", "qcow2", gone));
  expect(differs(await bytesOf(await openQcow2(new MemoryDevice(qcow2))), expected)).toBeUndefined();
  const overlay = await saved(await host.disks.export(vm.id, "disk0", "overlay", gone));
  const other = await host.attach(await host.take(fixedVhd(base), "the same"));
  await finished(host.disks.importOverlay(other.id, "disk0", new Blob([overlay]), gone));
  expect(differs(await saved(await host.disks.export(other.id, "disk0", "raw", gone)), expected)).toBeUndefined();
  const foreign = await host.attach(await host.take(fixedVhd(pattern(base.length, 9))));
  const wrong = finished(host.disks.importOverlay(foreign.id, "disk0", new Blob([overlay]), gone));
  await expect(wrong).rejects.toMatchObject({ code: "overlay-foreign" });

  // The same file taken as it is has other blocks.
  const raw = await host.attach(image, { format: "raw" });
  await host.write(raw, 0, pattern(BLOCK, 6));
  const rawOverlay = await saved(await host.disks.export(raw.id, "disk0", "overlay", gone));
  for (const [into, file] of [
    [raw, overlay],
    [vm, rawOverlay],
  ] as const) {
    const wrong = finished(host.disks.importOverlay(into.id, "disk0", new Blob([file]), gone));
    await expect(wrong).rejects.toMatchObject({ code: "overlay-foreign" });
  }

  const larger = 20 * BLOCK;
  expect(await host.disks.resize(vm.id, "disk0", larger)).toMatchObject({ virtualSize: larger });
  const next = await finished(host.disks.commit(vm.id, "disk0", { name: "next", attach: true }, gone));
  expect(next).toMatchObject({ format: "qcow2", virtualSize: larger });
  expect(await host.disks.list(vm.id)).toMatchObject([{ disk: "disk1", name: "next", format: "qcow2" }]);
  const grown = await saved(await host.disks.export(vm.id, "disk1", "raw", gone));
  expect(differs(grown.subarray(0, base.length), expected)).toBeUndefined();
  expect(grown.subarray(base.length).every((byte) => byte === 0)).toBe(true);
  await host.disks.discard(other.id, "disk0");
  expect(differs(await saved(await host.disks.export(other.id, "disk0", "raw", gone)), base)).toBeUndefined();
});

test("an image that VMs use is not deleted, and says whose it is", async () => {
  const image = await host.take(base);
  const vm = await host.attach(image);
  const refused = { code: "image-in-use", message: 'The image image is used by "VM".' };
  await expect(host.images.delete(image.id)).rejects.toMatchObject(refused);
  expect(await host.images.list()).toMatchObject([{ users: [{ vm: vm.id, disk: "disk0" }] }]);
  await host.registry.delete(vm.id);
  await host.images.delete(image.id);
  expect(await host.images.list()).toEqual([]);
});

test("disks of a VM that runs are left alone", async () => {
  const { vm } = await written();
  const starting = host.registry.get(vm.id).start();
  for (const work of [
    () => host.disks.export(vm.id, "disk0", "raw", gone),
    () => host.disks.discard(vm.id, "disk0"),
    () => host.disks.resize(vm.id, "disk0", 2 ** 30),
    () => finished(host.disks.commit(vm.id, "disk0", { name: "x", attach: false }, gone)),
    () => finished(host.disks.importOverlay(vm.id, "disk0", new Blob(), gone)),
  ]) {
    await expect(work()).rejects.toMatchObject({ code: "disk-busy" });
  }
  await host.registry.get(vm.id).stop();
  await starting.catch(() => undefined);
});

test("what was written to disks that are no more is swept away", async () => {
  const { vm } = await written();
  const size = 4 * BLOCK;
  const lost = new CowDevice(
    new MemoryDevice(new Uint8Array(size)),
    await host.overlays.open("gone", "disk0", { size, samples: "x" }),
  );
  await lost.write(0, pattern(10, 1));
  await lost.close();
  await host.disks.sweep();
  expect((await host.overlays.list()).map((overlay) => overlay.vm)).toEqual([vm.id]);
});

test("an image leaves as the file that came", async () => {
  const { id } = await host.take(base, "disk.img");
  const file = await host.images.export(id, gone);
  expect(file.name).toBe("disk.img");
  expect(differs(await saved(file), base)).toBeUndefined();
});
