import type { EngineApi, VmInfo } from "../../src/engine/api.ts";
import type { Disk } from "../../src/model/profile.ts";
import type { EnginePage, PageGlobal } from "../../tools/lib/engine-page.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

/** Calls the engine with files made in the page: their beginnings, filled up with zeroes to `size` bytes. */
function call<M extends "attachDisk" | "insertMedium">(
  engine: EnginePage,
  method: M,
  [id, what]: [string, Parameters<EngineApi[M]>[1]],
  files: Record<string, string> = {},
  size = MIB,
): Promise<VmInfo> {
  return engine.page.evaluate(
    ({ method, id, what, files, size }) => {
      const blob = (text: string) => new Blob([text, new Uint8Array(size - text.length)]);
      const blobs = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, blob(text)]));
      const engine = (globalThis as unknown as PageGlobal).qemuweb.engine as unknown as Record<
        string,
        (id: string, what: unknown, blobs: Record<string, Blob>) => Promise<VmInfo>
      >;
      return engine[method]?.(id, what, blobs) as Promise<VmInfo>;
    },
    { method, id, what, files, size },
  );
}

function detach(engine: EnginePage, id: string, disk: string): Promise<VmInfo> {
  return engine.page.evaluate(
    ({ id, disk }) => (globalThis as unknown as PageGlobal).qemuweb.engine.detachDisk(id, disk),
    { id, disk },
  );
}

test("a disk comes and goes while the guest runs, and what was written is there at the next start", async ({
  engine,
}) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  const disk: Omit<Disk, "id"> = {
    file: { from: "user", name: "hot.img" },
    format: "raw",
    interface: "virtio",
    access: "persistent",
  };
  const attached = await call(engine, "attachDisk", [guest.id, disk], { "hot.img": "" }, 8 * MIB);
  await expect.poll(() => guest.run("blockdev --getsize64 /dev/vda")).toBe(`${8 * MIB}\n`);
  await guest.run("echo kept | dd of=/dev/vda conv=fsync,notrunc 2>/dev/null");
  const ide = { ...disk, interface: "ide" } as const;
  await expect(call(engine, "attachDisk", [guest.id, ide])).rejects.toThrow("kind ide can't be attached");
  expect(guest.info.profile.disks).toHaveLength(1);

  await guest.act("shutdown");
  await guest.state(["off"]);
  await guest.act("start");
  await guest.prompt();
  expect(await guest.run("head -c 5 /dev/vda")).toBe("kept\n");
  const first = attached.profile.disks[0]?.id ?? "";
  await expect(detach(engine, guest.id, first)).rejects.toThrow("was there when the VM started");

  const second = await call(engine, "attachDisk", [guest.id, { ...disk, access: "readonly" }]);
  await expect.poll(() => guest.run("blockdev --getro /dev/vdb")).toBe("1\n");
  await detach(engine, guest.id, second.profile.disks[1]?.id ?? "");
  expect(await guest.run("ls /dev/vdb 2>/dev/null")).toBe("");
  expect(guest.info.profile.disks).toHaveLength(1);
});

test("a CD-ROM is changed and ejected while the guest runs", async ({ engine }) => {
  const cdrom = { from: "user", name: "one.iso" } as const;
  const one = new Uint8Array(MIB);
  one.set(new TextEncoder().encode("first disc "));
  const guest = await engine.create({ ...(await engine.quickProfile()), cdrom }, { "one.iso": one });
  await guest.start();
  await guest.prompt();
  const read = () => guest.run("head -c 11 /dev/sr0 2>&1");
  expect(await read()).toBe("first disc ");
  const two = { from: "user", name: "two.iso" } as const;
  const insert = (text: string) => call(engine, "insertMedium", [guest.id, two], { "two.iso": text });
  await insert("second disc");
  await expect.poll(read).toBe("second disc");
  await engine.page.evaluate((id) => (globalThis as unknown as PageGlobal).qemuweb.engine.ejectMedium(id), guest.id);
  await expect.poll(read).toContain("No medium");
  await insert("third disc ");
  await expect.poll(read).toBe("third disc ");
});
