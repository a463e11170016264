import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quick } from "../../qemu-wasm/guests/quick.ts";
import type { DiskFormat } from "../../src/model/profile.ts";
import { launch } from "../../tools/lib/chromium.ts";
import { EnginePage } from "../../tools/lib/engine-page.ts";
import { blankQcow2 } from "../lib/qcow2.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;
const SUM = "sha256sum /dev/vda | cut -c1-64";

for (const [format, image, size] of [
  ["raw", randomBytes(8 * MIB + 512), 8 * MIB + 512],
  ["qcow2", blankQcow2(64 * MIB), 64 * MIB],
] as const satisfies [DiskFormat, Uint8Array, number][]) {
  test(`what a guest wrote to a ${format} disk is there in the next browser`, async ({ folder }) => {
    const profile = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-profile-")));
    const first = await launch({ extension: folder, profile });
    const engine = await EnginePage.open(first);
    const disk = {
      id: "disk0",
      file: { from: "user", name: "d.img" },
      format,
      interface: "virtio",
      access: "persistent",
    } as const;
    const guest = await engine.create({ ...(await engine.quickProfile()), disks: [disk] }, { "d.img": image });
    await guest.start();
    await guest.prompt();
    expect(await guest.run("blockdev --getsize64 /dev/vda")).toBe(`${size}\n`);
    // Pieces of blocks, whole blocks, and the end.
    await guest.run("dd if=/dev/urandom of=/dev/vda bs=1000 count=300 seek=70 2>/dev/null");
    await guest.run("dd if=/dev/urandom of=/dev/vda bs=64k count=20 seek=30 2>/dev/null");
    await guest.run(`dd if=/dev/urandom of=/dev/vda bs=512 count=3 seek=${size / 512 - 3} 2>/dev/null`);
    await guest.run("dd if=/dev/zero of=/dev/vda bs=64k count=4 seek=40 conv=notrunc 2>/dev/null; sync");
    const sum = await guest.run(SUM);
    await guest.type("poweroff");
    await guest.state(["off"]);
    await first.close();

    const second = await launch({ extension: folder, profile });
    const again = (await EnginePage.open(second)).guest(guest.id);
    await again.start();
    await again.prompt();
    expect(await again.run(SUM)).toBe(sum);
    await second.close();
  });
}

test("a disk without its changes kept begins anew", async ({ engine }) => {
  const disk = {
    id: "disk0",
    file: { from: "user", name: "d.img" },
    format: "raw",
    interface: "virtio",
    access: "snapshot",
  } as const;
  const guest = await engine.create({ ...(await engine.quickProfile()), disks: [disk] }, { "d.img": randomBytes(MIB) });
  await guest.start();
  await guest.prompt();
  const before = await guest.run(SUM);
  await guest.run("dd if=/dev/urandom of=/dev/vda bs=4k count=9 2>/dev/null; sync");
  expect(await guest.run(SUM)).not.toBe(before);
  await guest.type("poweroff");
  await guest.state(["off"]);
  await guest.act("start"); // its console goes on
  await guest.find(quick.ready);
  await guest.prompt();
  expect(await guest.run(SUM)).toBe(before);
});
