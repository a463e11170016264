import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quick } from "../../qemu-wasm/guests/quick.ts";
import { imageServer } from "../../src/block/testing/image-server.ts";
import type { Disk } from "../../src/model/profile.ts";
import { type ExtensionBrowser, launch } from "../../tools/lib/chromium.ts";
import { EnginePage, type PageGlobal } from "../../tools/lib/engine-page.ts";
import { call, commitDisk, exportDisk, importImage, importOverlay } from "../../tools/lib/images.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

const disk = (id: string, format: Disk["format"]) =>
  ({ file: { from: "image", id }, format, interface: "virtio", access: "persistent" }) as unknown as Disk;

test("images are attached, written to, resized, committed and exported; what leaves is what the guest saw", async ({
  engine,
}) => {
  const bytes = randomBytes(6 * MIB);
  const raw = await importImage(engine, "raw.img", bytes);
  const qcow2 = await call(engine, "createImage", { name: "blank", format: "qcow2", virtualSize: 16 * MIB });
  expect(await call(engine, "listImages")).toMatchObject([raw, qcow2]);
  const profile = await engine.quickProfile();
  const guest = await engine.create({ ...profile, disks: [disk(raw.id, "raw"), disk(qcow2.id, "qcow2")] });
  await guest.start();
  await guest.prompt();
  await guest.run("dd if=/dev/urandom of=/dev/vda bs=1000 count=300 seek=70 2>/dev/null");
  await guest.run("dd if=/dev/urandom of=/dev/vdb bs=64k count=30 seek=150 2>/dev/null; sync");
  const sums = await guest.run("sha256sum < /dev/vda; sha256sum < /dev/vdb");
  await expect(call(engine, "deleteImage", raw.id)).rejects.toMatchObject({ code: "image-in-use" });
  await expect(exportDisk(engine, guest.id, "disk0", "raw")).rejects.toMatchObject({ code: "disk-busy" });
  await guest.type("poweroff");
  await guest.state(["off"]);

  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-images-")));
  const path = (name: string) => join(folder, name);
  for (const [n, id] of ["disk0", "disk1"].entries()) {
    const file = await exportDisk(engine, guest.id, id, "raw");
    writeFileSync(path(`${id}.raw`), file);
    const sum = await crypto.subtle.digest("SHA-256", new Uint8Array(file));
    expect(sums.split("\n")[n]).toContain(Buffer.from(sum).toString("hex"));
    writeFileSync(path(`${id}.qcow2`), await exportDisk(engine, guest.id, id, "qcow2"));
    expect(execFileSync("qemu-img", ["check", path(`${id}.qcow2`)], { encoding: "utf8" })).toMatch("No errors");
    const compare = ["compare", "-f", "raw", "-F", "qcow2", path(`${id}.raw`), path(`${id}.qcow2`)];
    expect(execFileSync("qemu-img", compare, { encoding: "utf8" })).toMatch("identical");
  }

  const overlay = await exportDisk(engine, guest.id, "disk0", "overlay");
  expect(overlay.length).toBeLessThan(MIB);
  await call(engine, "discardChanges", guest.id, "disk0");
  expect(bytes.equals(await exportDisk(engine, guest.id, "disk0", "raw"))).toBe(true); // toEqual takes a minute
  await importOverlay(engine, guest.id, "disk0", overlay);

  const committed = await commitDisk(engine, guest.id, "disk0", { name: "as it is", attach: true });
  await call(engine, "resizeDisk", guest.id, "disk2", 10 * MIB);
  await call(engine, "resizeDisk", guest.id, "disk1", 128 * MIB);
  expect(await call(engine, "listDisks", guest.id)).toMatchObject([
    { disk: "disk2", name: committed.name, virtualSize: 10 * MIB },
    { disk: "disk1", virtualSize: 128 * MIB },
  ]);
  await call(engine, "deleteImage", raw.id);
  await guest.act("start");
  await guest.find(quick.ready);
  await guest.prompt();
  expect(await guest.run("blockdev --getsize64 /dev/vda; blockdev --getsize64 /dev/vdb")).toBe(
    `${10 * MIB}\n${128 * MIB}\n`,
  );
  expect(await guest.run(`head -c ${6 * MIB} /dev/vda | sha256sum; head -c ${16 * MIB} /dev/vdb | sha256sum`)).toBe(
    sums,
  );
  // Behind what it had, the larger qcow2 disk takes writes.
  await guest.run("dd if=/dev/urandom of=/dev/vdb bs=64k count=20 seek=2000 2>/dev/null; sync");
  await guest.type("poweroff");
  await guest.state(["off"]);
  writeFileSync(path("grown.qcow2"), await exportDisk(engine, guest.id, "disk1", "qcow2"));
  expect(execFileSync("qemu-img", ["check", path("grown.qcow2")], { encoding: "utf8" })).toMatch("No errors");
});

test("an image at an address is read by parts; its changes are kept here", async ({ engine }) => {
  const server = await imageServer({
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Expose-Headers": "*",
  });
  try {
    const bytes = randomBytes(48 * MIB);
    const image = await importImage(engine, "linked", new URL(server.put("disk.img", bytes)));
    expect(image).toMatchObject({ source: { url: `${server.url}/disk.img` }, storedBytes: 0 });
    const profile = await engine.quickProfile();
    const guest = await engine.create({ ...profile, disks: [disk(image.id, "raw")] });
    await guest.start();
    await guest.prompt();
    await guest.run("dd if=/dev/vda of=/dev/vda bs=4k count=10 seek=100 2>/dev/null; sync");
    const sum = await guest.run("head -c 1048576 /dev/vda | sha256sum");
    bytes.copy(bytes, 100 * 4096, 0, 10 * 4096);
    const expected = await crypto.subtle.digest("SHA-256", bytes.subarray(0, MIB));
    expect(sum).toContain(Buffer.from(expected).toString("hex"));
    const fetched = server.requests.reduce((sum, range) => {
      const [, first, last] = /(\d+)-(\d+)/.exec(range) ?? [];
      return sum + Number(last) - Number(first) + 1;
    }, 0);
    expect(fetched).toBeLessThan(32 * MIB);
    await guest.act("stop");
    await guest.state(["off"]);

    server.put("disk.img", randomBytes(48 * MIB));
    await expect(guest.act("start")).rejects.toMatchObject({ code: "image-changed" });
  } finally {
    await server.close();
  }
});

/** The most memory that any of the browser's processes ever had, bytes. */
async function peakMemory(extension: ExtensionBrowser): Promise<number> {
  const { processInfo } = await extension.cdp.send("SystemInfo.getProcessInfo");
  const peak = ({ id }: { id: number }) =>
    Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1]) * 1024;
  return Math.max(...processInfo.map(peak));
}

test("an image of 5 GB goes in and comes out by parts, and never lies in memory", async ({ extension, engine }) => {
  test.setTimeout(600_000);
  const size = 5 * 1024 * MIB;
  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-images-")));
  const path = join(folder, "large.img");
  const data = randomBytes(MIB);
  const places = [0, 700, 2500, 5119].map((mib) => mib * MIB);
  const file = openSync(path, "w");
  ftruncateSync(file, size);
  for (const place of places) writeSync(file, data, 0, MIB, place);
  closeSync(file);
  const before = await peakMemory(extension);
  const image = await importImage(engine, "large.img", path);
  expect(image).toMatchObject({ format: "raw", virtualSize: size, storedBytes: size });
  const found = await engine.page.evaluate(async (id) => {
    const { chunks, size } = await (globalThis as unknown as PageGlobal).qemuweb.engine.exportImage(id);
    const pieces: number[] = [];
    const reader = chunks.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (next.value.type === "write") pieces.push(next.value.position, next.value.data.length);
    }
    return { size, pieces };
  }, image.id);
  expect(found).toEqual({ size, pieces: places.flatMap((place) => [place, MIB]) });
  expect((await peakMemory(extension)) - before).toBeLessThan(400 * MIB);
});

test("an import that is cancelled, or that the browser's end cuts off, leaves nothing", async ({ folder }) => {
  const profile = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-profile-")));
  const first = await launch({ extension: folder, profile });
  const engine = await EnginePage.open(first);
  const begin = (cancel: boolean) =>
    engine.page.evaluate(async (cancel) => {
      const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
      // It never ends.
      const source = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(1 << 20).fill(1)),
      });
      const reader = (await engine.importImage(source, "endless")).getReader();
      const { value } = await reader.read();
      if (cancel) await reader.cancel();
      return value;
    }, cancel);
  const left = (page: EnginePage) =>
    page.page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const names: string[] = [];
      const images = await root.getDirectoryHandle("images", { create: true });
      for await (const name of images.keys()) names.push(name);
      return names;
    });
  expect(await begin(true)).toMatchObject({ type: "progress" });
  await expect.poll(() => left(engine)).toEqual([]);
  await begin(false);
  expect(await left(engine)).toHaveLength(1);
  await first.close();

  const second = await launch({ extension: folder, profile });
  const again = await EnginePage.open(second);
  await expect.poll(() => left(again)).toEqual([]);
  expect(await call(again, "listImages")).toEqual([]);
  await second.close();
});
