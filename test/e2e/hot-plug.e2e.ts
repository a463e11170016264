import { fixedVhd } from "../../src/block/testing/vhd.ts";
import type { EngineApi, VmInfo } from "../../src/engine/api.ts";
import type { Disk } from "../../src/model/profile.ts";
import type { EnginePage, PageGlobal } from "../../tools/lib/engine-page.ts";
import { call, importImage } from "../../tools/lib/images.ts";
import { openPanel } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

/** Calls the engine with files made in the page: their beginnings, filled up with zeroes to `size` bytes. */
function give<M extends "attachDisk" | "insertMedium">(
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

test("disks and network adapters come and go while the guest runs, and are there at the next start", async ({
  extension,
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
  const attached = await give(engine, "attachDisk", [guest.id, disk], { "hot.img": "" }, 8 * MIB);
  await expect.poll(() => guest.run("blockdev --getsize64 /dev/vda")).toBe(`${8 * MIB}\n`);
  await guest.run("echo kept | dd of=/dev/vda conv=fsync,notrunc 2>/dev/null");
  const ide = { ...disk, interface: "ide" } as const;
  await expect(give(engine, "attachDisk", [guest.id, ide])).rejects.toThrow("kind ide can't be attached");
  expect(guest.info.profile.disks).toHaveLength(1);

  const panel = await openPanel(extension, guest.info);
  await panel.getByRole("tab", { name: "Network" }).click();
  await panel.getByRole("button", { name: "Add adapter" }).first().click();
  const add = panel.getByRole("dialog", { name: "Add a network adapter to Quick VM" });
  await expect(add.getByLabel("Model").getByRole("option")).toHaveText(["virtio", "Intel e1000e"]);
  await add.getByLabel("Address").fill("53-54-00-AB-CD-01");
  await add.getByRole("button", { name: "Add" }).click();
  await expect(add).toContainText("Enter six bytes");
  await add.getByLabel("Address").fill("52-54-00-AB-CD-01");
  await add.getByRole("button", { name: "Add" }).click();
  const nic0 = panel.getByRole("row", { name: "nic0" });
  await expect(nic0).toContainText("virtio52:54:00:ab:cd:01Unplugged");
  const address = (name: string) => guest.run(`cat /sys/class/net/${name}/address 2>&1`);
  await expect.poll(() => address("eth0")).toBe("52:54:00:ab:cd:01\n");
  expect(await guest.run("ip link set eth0 up; cat /sys/class/net/eth0/carrier")).toBe("0\n");
  await expect(guest.snapshot("Changed")).rejects.toThrow("Disks or network adapters came or went");

  await guest.act("shutdown");
  await guest.state(["off"]);
  await guest.act("start");
  await guest.prompt();
  expect(await guest.run("head -c 5 /dev/vda")).toBe("kept\n");
  const first = attached.profile.disks[0]?.id ?? "";
  await expect(call(engine, "detachDisk", guest.id, first)).rejects.toThrow("was there when the VM started");
  expect(await address("eth0")).toBe("52:54:00:ab:cd:01\n");
  expect(await guest.run("ip link set eth0 up; cat /sys/class/net/eth0/carrier")).toBe("0\n");
  const remove = (name: string) => panel.getByRole("button", { name: `Remove ${name}` });
  await expect(remove("nic0")).toHaveAttribute("title", /^Shut the VM down first/);

  const second = await give(engine, "attachDisk", [guest.id, { ...disk, access: "readonly" }]);
  await expect.poll(() => guest.run("blockdev --getro /dev/vdb")).toBe("1\n");
  await call(engine, "detachDisk", guest.id, second.profile.disks[1]?.id ?? "");
  expect(await guest.run("ls /dev/vdb 2>/dev/null")).toBe("");
  expect(guest.info.profile.disks).toHaveLength(1);

  await call(engine, "attachNic", guest.id, { model: "e1000e" });
  await expect.poll(() => address("eth1")).toBe(`${guest.info.profile.nics[1]?.mac}\n`);
  expect(await guest.run("ip link set eth1 up; cat /sys/class/net/eth1/carrier")).toBe("0\n");
  await remove("nic1").press("Enter");
  await expect.poll(() => address("eth1")).toContain("No such file");
  await expect(remove("nic1")).toBeHidden();
  await expect(panel.getByRole("button", { name: "Add adapter" })).toBeFocused();
  expect(guest.info.profile.nics).toHaveLength(1);

  const image = await importImage(engine, "hot.vhd", fixedVhd(new Uint8Array(MIB).fill(0x61)));
  const third = { ...disk, file: { from: "image", id: image.id }, format: "vpc", access: "snapshot" } as const;
  await give(engine, "attachDisk", [guest.id, third]);
  await expect.poll(() => guest.run("head -c 5 /dev/vdb 2>&1")).toBe("aaaaa");
  await guest.run("echo gone | dd of=/dev/vdb conv=fsync,notrunc 2>/dev/null");
  expect(await guest.run("echo 3 >/proc/sys/vm/drop_caches; head -c 6 /dev/vdb")).toBe("gone\na");
  await guest.act("shutdown");
  await guest.state(["off"]);
  await guest.act("start");
  await guest.prompt();
  expect(await guest.run("head -c 5 /dev/vdb")).toBe("aaaaa");
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
  const insert = (text: string) => give(engine, "insertMedium", [guest.id, two], { "two.iso": text });
  await insert("second disc");
  await expect.poll(read).toBe("second disc");
  await call(engine, "ejectMedium", guest.id);
  await expect.poll(read).toContain("No medium");
  await insert("third disc ");
  await expect.poll(read).toBe("third disc ");
});
