import type { SnapshotInfo, VmInfo } from "../../src/engine/api.ts";
import type { Disk } from "../../src/model/profile.ts";
import type { EnginePage, PageGlobal } from "../../tools/lib/engine-page.ts";
import type { Guest } from "../../tools/lib/guest.ts";
import { call, exportDisk, work } from "../../tools/lib/images.ts";
import { blankQcow2 } from "../lib/qcow2.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

const disk = (id: string, name: string, format: Disk["format"]): Disk => ({
  ...{ id, file: { from: "user", name }, format, interface: "virtio", access: "persistent" },
});

/** What is on both disks, not in the guest's cache. */
const sums = (guest: Guest) =>
  guest.run("sync; echo 3 >/proc/sys/vm/drop_caches; sha256sum </dev/vda; sha256sum </dev/vdb");

/** Writes here and there; resolves to the sums then. */
async function write(guest: Guest): Promise<string> {
  for (const device of ["vda", "vdb"]) {
    await guest.run(`dd if=/dev/urandom of=/dev/${device} bs=1000 count=300 seek=70 conv=notrunc 2>/dev/null`);
    await guest.run(`dd if=/dev/zero of=/dev/${device} bs=64k count=2 seek=$((RANDOM % 60)) conv=notrunc 2>/dev/null`);
  }
  return sums(guest);
}

async function back(guest: Guest, snapshot: string): Promise<string> {
  if (guest.info.state !== "off") await guest.act("stop");
  await guest.restore(snapshot);
  await guest.state(["running"]);
  return sums(guest);
}

test("snapshots keep the disks with the memory: back, on, without the parent, in a clone and from a file", async ({
  engine,
}) => {
  const images = { "raw.img": new Uint8Array(8 * MIB + 512).fill(7), "disk.qcow2": blankQcow2(8 * MIB) };
  const disks = [disk("disk0", "raw.img", "raw"), disk("disk1", "disk.qcow2", "qcow2")];
  const guest = await engine.create({ ...(await engine.quickProfile()), disks }, images);
  await guest.start();
  await guest.prompt();

  const first = await write(guest);
  await guest.run("echo first >/tmp/state");
  const one = await guest.snapshot("One");
  expect(one.disks).toEqual(["disk0", "disk1"]);
  const second = await write(guest);
  await guest.run("echo second >/tmp/state");
  const two = await guest.snapshot("Two");
  expect(await write(guest)).not.toBe(second);

  expect(await back(guest, one.id)).toBe(first);
  expect(await guest.run("cat /tmp/state")).toBe("first\n");
  expect(guest.info.snapshot).toBe(one.id);
  await write(guest);
  const clone = await work<VmInfo>(engine, "cloneVm", [guest.id, one.id]);
  const file = await copyToClone(engine, guest.id, clone.id, two.id);
  await call(engine, "deleteSnapshot", guest.id, one.id);
  expect(await back(guest, two.id)).toBe(second);
  expect(await guest.run("cat /tmp/state")).toBe("second\n");
  await write(guest);

  await cancel(engine, "snapshotVm", guest.id);
  await guest.state(["running"]);
  await write(guest);
  await guest.act("stop");
  const off = await exportDisk(engine, guest.id, "disk0", "raw");
  await cancel(engine, "restoreSnapshot", guest.id, two.id);
  await guest.state(["off"]);
  expect(off.equals(await exportDisk(engine, guest.id, "disk0", "raw"))).toBe(true);
  expect((await call(engine, "listSnapshots", guest.id)).map(({ name }) => name)).toEqual(["Two"]);

  const other = engine.guest(clone.id);
  await other.attach();
  expect(await back(other, one.id)).toBe(first);
  expect(await back(other, file)).toBe(second);
  await other.act("stop");
});

/** Begins long work, and cancels it while it goes on. */
async function cancel(engine: EnginePage, method: "snapshotVm" | "restoreSnapshot", ...args: string[]): Promise<void> {
  const said = await engine.page.evaluate(
    async ({ method, args }) => {
      const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
      const begin = engine[method] as (...args: string[]) => Promise<ReadableStream<{ type: string }>>;
      const reader = (await begin(...args)).getReader();
      const { value } = await reader.read();
      await reader.cancel();
      return value?.type;
    },
    { method, args },
  );
  expect(said).toBe("progress");
}

/** Exports a snapshot and imports it into another VM; resolves to its id there. Files that were spoilt on the way are refused. */
function copyToClone(engine: EnginePage, from: string, to: string, id: string): Promise<string> {
  return engine.page.evaluate(
    async ({ from, to, id }) => {
      const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
      const parts: Uint8Array<ArrayBuffer>[] = [];
      const reader = (await engine.exportSnapshot(from, id)).chunks.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        if (next.value.type === "write") parts.push(next.value.data);
      }
      const whole = new Blob(parts);
      const add = async (file: Blob): Promise<string> => {
        const reader = (await engine.importSnapshot(to, file)).getReader();
        for (;;) {
          const { value } = await reader.read();
          if (value?.type === "done") return value.result.id;
        }
      };
      const end = whole.size;
      const altered = (at: number) =>
        new Blob([whole.slice(0, at), Uint8Array.of(0x5a, 0xa5, 0x3c), whole.slice(at + 3)]);
      const bad = [whole.slice(0, end - 1), whole.slice(1), altered(1000), altered(end >> 1), altered(end - 100_000)];
      for (const [n, file] of bad.entries()) {
        const refused = await add(file).then(
          () => false,
          () => true,
        );
        if (!refused) throw new Error(`The spoilt file ${n} was taken.`);
      }
      const listed: SnapshotInfo[] = await engine.listSnapshots(to);
      if (listed.length !== 1) throw new Error(`${listed.length} snapshots are in the clone.`);
      return add(whole);
    },
    { from, to, id },
  );
}

test("a run that isn't to be saved leaves the disks as they were, and what was kept of it is kept", async ({
  engine,
}) => {
  const images = { "raw.img": new Uint8Array(8 * MIB), "disk.qcow2": blankQcow2(8 * MIB) };
  const disks = [disk("disk0", "raw.img", "raw"), disk("disk1", "disk.qcow2", "qcow2")];
  const guest = await engine.create({ ...(await engine.quickProfile()), disks }, images);
  const blank = (await work<{ id: string }>(engine, "snapshotVm", [guest.id, { name: "Blank" }])).id;
  await guest.start({ disposable: true });
  await guest.prompt();
  expect(guest.info).toMatchObject({ disposable: true, snapshot: blank });
  const before = await sums(guest);
  const within = await write(guest);
  const kept = await guest.snapshot("Within");
  expect(kept.parents).toEqual([blank]);
  await write(guest);
  await guest.act("stop");
  await expect.poll(() => guest.info.snapshot).toBe(blank);
  expect(await back(guest, kept.id)).toBe(within);
  await guest.act("stop");
  await work(engine, "restoreSnapshot", [guest.id, blank]);
  await guest.act("start");
  await guest.prompt();
  expect(await sums(guest)).toBe(before);
  await guest.act("stop");
});
