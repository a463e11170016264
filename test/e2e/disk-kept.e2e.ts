import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disk, DiskFormat } from "../../src/model/profile.ts";
import { launch } from "../../tools/lib/chromium.ts";
import { EnginePage } from "../../tools/lib/engine-page.ts";
import { blankQcow2 } from "../lib/qcow2.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;
const RAW = 8 * MIB + 512;
const QCOW2 = 12 * MIB;

test("what a guest wrote to raw and qcow2 disks is there in the next browser, unless it is not to be kept", async ({
  folder,
}) => {
  const profile = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-profile-")));
  const first = await launch({ extension: folder, profile });
  const engine = await EnginePage.open(first);
  const images = { "raw.img": randomBytes(RAW), "disk.qcow2": blankQcow2(QCOW2), "scratch.img": randomBytes(MIB) };
  const disk = (id: string, name: keyof typeof images, format: DiskFormat, access: Disk["access"]): Disk => ({
    ...{ id, file: { from: "user", name }, format, interface: "virtio", access },
  });
  const disks = [
    disk("disk0", "raw.img", "raw", "persistent"),
    disk("disk1", "disk.qcow2", "qcow2", "persistent"),
    disk("disk2", "scratch.img", "raw", "snapshot"),
  ];
  const guest = await engine.create({ ...(await engine.quickProfile()), disks }, images);
  await guest.start();
  await guest.prompt();
  const sums = "for d in a b c; do sha256sum < /dev/vd$d; done";
  const [, , scratch] = (await guest.run(sums)).split("\n");
  for (const [device, size] of [
    ["vda", RAW],
    ["vdb", QCOW2],
  ] as const) {
    expect(await guest.run(`blockdev --getsize64 /dev/${device}`)).toBe(`${size}\n`);
    // Pieces of blocks, whole blocks, the end, and zeroes.
    await guest.run(`dd if=/dev/urandom of=/dev/${device} bs=1000 count=300 seek=70 2>/dev/null`);
    await guest.run(`dd if=/dev/urandom of=/dev/${device} bs=64k count=20 seek=30 2>/dev/null`);
    await guest.run(`dd if=/dev/urandom of=/dev/${device} bs=512 count=3 seek=${size / 512 - 3} 2>/dev/null`);
    await guest.run(`dd if=/dev/zero of=/dev/${device} bs=64k count=4 seek=40 conv=notrunc 2>/dev/null`);
  }
  await guest.run("dd if=/dev/urandom of=/dev/vdc bs=4k count=9 2>/dev/null; sync");
  const [raw, qcow2, changed] = (await guest.run(sums)).split("\n");
  expect(changed).not.toBe(scratch);
  await guest.type("poweroff");
  await guest.state(["off"]);
  await first.close();

  const second = await launch({ extension: folder, profile });
  const again = (await EnginePage.open(second)).guest(guest.id);
  await again.start();
  await again.prompt();
  expect((await again.run(sums)).split("\n").slice(0, 3)).toEqual([raw, qcow2, scratch]);
  await second.close();
});
