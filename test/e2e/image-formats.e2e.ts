import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disk, DiskFormat } from "../../src/model/profile.ts";
import { exportDisk, importImage } from "../../tools/lib/images.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

const KINDS: [format: DiskFormat, access: Disk["access"], options: string[]][] = [
  ["qcow2", "persistent", ["-c"]],
  ["vmdk", "persistent", []],
  ["vmdk", "readonly", ["-o", "subformat=streamOptimized"]],
  ["vdi", "snapshot", []],
  ["vhdx", "readonly", []],
  ["vpc", "snapshot", ["-o", "force_size=on"]],
  ["vpc", "persistent", ["-o", "subformat=fixed,force_size=on"]],
];

test("images of other programs are known by their contents and read by the guest; what it writes is kept, forgotten, and in snapshots", async ({
  engine,
}) => {
  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-formats-")));
  const bytes = Buffer.concat([randomBytes(2 * MIB), Buffer.alloc(3 * MIB), randomBytes(MIB)]);
  const source = join(folder, "source.raw");
  writeFileSync(source, bytes);
  const disks: Disk[] = [];
  for (const [n, [format, access, options]] of KINDS.entries()) {
    const path = join(folder, `${n}.image`);
    execFileSync("qemu-img", ["convert", "-f", "raw", "-O", format, ...options, source, path]);
    const image = await importImage(engine, `${n}.image`, path);
    expect(image).toMatchObject({ format, virtualSize: bytes.length });
    disks.push({ id: `disk${n}`, file: { from: "image", id: image.id }, format, interface: "virtio", access });
  }
  const guest = await engine.create({ ...(await engine.quickProfile()), disks });
  await guest.start();
  await guest.prompt();
  const letters = KINDS.map((_, n) => String.fromCharCode(97 + n));
  const sums = async () => {
    const lines = await guest.run(`for d in ${letters.join(" ")}; do sha256sum < /dev/vd$d; done`);
    return lines.replaceAll("  -", "").trim().split("\n");
  };
  const sumOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const old = sumOf(bytes);
  expect(await sums()).toEqual(KINDS.map(() => old));

  const written = Buffer.from(bytes);
  written.fill("x", 1000, 1000 + MIB + 4321);
  for (const [n, [, access]] of KINDS.entries()) {
    const write = `head -c ${MIB + 4321} /dev/zero | tr '\\0' x | dd of=/dev/vd${letters[n]} bs=1000 seek=1 conv=notrunc,fsync 2>/dev/null`;
    if (access !== "readonly") await guest.run(write);
  }
  const now = sumOf(written);
  await guest.run("echo 3 >/proc/sys/vm/drop_caches");
  expect(await sums()).toEqual(KINDS.map(([, access]) => (access === "readonly" ? old : now)));
  const { id } = await guest.snapshot("Written");
  await guest.run("head -c 1000 /dev/zero > /dev/vdb; head -c 1000 /dev/zero > /dev/vdd; sync");
  await guest.act("stop");
  await guest.restore(id);
  await guest.state(["running"]);
  await guest.run("echo 3 >/proc/sys/vm/drop_caches");
  expect(await sums()).toEqual(KINDS.map(([, access]) => (access === "readonly" ? old : now)));
  await guest.act("stop");
  expect(sumOf(await exportDisk(engine, guest.id, "disk1", "raw"))).toBe(now);
  await guest.act("start");
  await guest.prompt();
  expect(await sums()).toEqual(KINDS.map(([, access]) => (access === "persistent" ? now : old)));
});
