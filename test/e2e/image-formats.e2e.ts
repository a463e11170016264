import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disk, DiskFormat } from "../../src/model/profile.ts";
import { importImage } from "../../tools/lib/images.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;

const KINDS: [format: DiskFormat, access: Disk["access"], options: string[]][] = [
  ["qcow2", "persistent", ["-c"]],
  ["vmdk", "snapshot", []],
  ["vmdk", "readonly", ["-o", "subformat=streamOptimized"]],
  ["vdi", "snapshot", []],
  ["vhdx", "readonly", []],
  ["vpc", "snapshot", ["-o", "force_size=on"]],
  ["vpc", "readonly", ["-o", "subformat=fixed,force_size=on"]],
];

test("images of other programs are known by their contents and read by the guest", async ({ engine }) => {
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
  const sum = createHash("sha256").update(bytes).digest("hex");
  const letters = KINDS.map((_, n) => String.fromCharCode(97 + n));
  const sums = await guest.run(`for d in ${letters.join(" ")}; do sha256sum < /dev/vd$d; done`);
  expect(sums.trim().split("\n")).toEqual(KINDS.map(() => `${sum}  -`));
  for (const [n, [, access]] of KINDS.entries()) {
    const write = `head -c 100000 /dev/zero > /dev/vd${letters[n]} && sync && head -c 100000 /dev/vd${letters[n]} | tr -d '\\0' | wc -c`;
    if (access !== "readonly") expect(await guest.run(write)).toBe("0\n");
  }
});
