import { execFileSync } from "node:child_process";
import { mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disk } from "../../src/model/profile.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

test("a disk above a VHD takes 64 MiB, comes back with a snapshot, and is the image again after power-off", async ({
  engine,
}) => {
  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-formats-")));
  const [raw, vhd] = [join(folder, "disk.img"), join(folder, "disk.vhd")];
  writeFileSync(raw, "as it was");
  truncateSync(raw, 72 * MIB);
  execFileSync("qemu-img", ["convert", "-f", "raw", "-O", "vpc", "-o", "force_size=on", raw, vhd]);
  const file = { from: "user", name: "disk.vhd" } as const;
  const disk: Disk = { id: "disk0", file, format: "vpc", interface: "virtio", access: "snapshot" };
  const guest = await engine.create({ ...(await engine.quickProfile()), disks: [disk] }, { "disk.vhd": vhd });
  await guest.start();
  await guest.prompt();
  // Eight times the same 8 MiB, none of which can be guessed.
  await guest.run("dd if=/dev/urandom of=/tmp/data bs=1M count=8 2>/dev/null");
  const eight = "for n in 0 1 2 3 4 5 6 7; do";
  const write = (skip: number) =>
    guest.run(
      `${eight} dd if=/tmp/data of=/dev/vda bs=1M seek=$((8 * n + ${skip})) conv=notrunc 2>/dev/null; done; sync`,
    );
  const sum = () => guest.run(`echo 3 >/proc/sys/vm/drop_caches; head -c ${64 * MIB} /dev/vda | md5sum`);
  const before = await sum();
  await write(0);
  const written = await sum();
  expect(written).toBe(await guest.run(`${eight} cat /tmp/data; done | md5sum`));

  const { id } = await guest.snapshot("Written");
  await write(1);
  expect(await sum()).not.toBe(written);
  await guest.act("stop");
  await guest.restore(id);
  await guest.state(["running"]);
  expect(await sum()).toBe(written);
  await guest.act("stop");
  await guest.act("start");
  await guest.prompt();
  expect(await sum()).toBe(before);
  expect(await guest.run("head -c 9 /dev/vda")).toBe("as it was");
});
