import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disk } from "../../src/model/profile.ts";
import type { EnginePage } from "../../tools/lib/engine-page.ts";
import type { Guest } from "../../tools/lib/guest.ts";
import { removeAtExit } from "./temporary.ts";

/** Files in the tree at most. */
const FILES = 12;

/** A quick VM with an ext4 disk, running, with a tree of files on it that can be changed and summed up. */
export async function guestWithTree(engine: EnginePage): Promise<Guest> {
  const image = join(removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-tree-"))), "tree.img");
  execFileSync("mke2fs", ["-q", "-t", "ext4", image, "64M"]);
  const file = { from: "user", name: "tree.img" } as const;
  const disk: Disk = { id: "disk0", file, format: "raw", interface: "virtio", access: "persistent" };
  const guest = await engine.create({ ...(await engine.quickProfile()), disks: [disk] }, { "tree.img": image });
  await guest.start();
  await guest.prompt();
  await guest.run("mount /dev/vda /mnt");
  for (let n = 0; n < FILES; n++) await writeFile(guest, n, n * 7);
  return guest;
}

/** Some changes of the tree. */
export async function changeTree(guest: Guest, next: (limit: number) => number): Promise<void> {
  for (let left = next(3); left >= 0; left--) {
    const file = `/mnt/f${next(FILES)}`;
    switch (next(4)) {
      case 0:
        await guest.run(`rm -f ${file}`);
        break;
      case 1:
        await guest.run(`date >>${file}; sync`);
        break;
      default:
        await writeFile(guest, next(FILES), next(300));
    }
  }
}

/** The tree's sum, as it is on the disk. */
export async function treeSum(guest: Guest): Promise<string> {
  await guest.run("sync; echo 3 >/proc/sys/vm/drop_caches");
  return guest.run("(cd /mnt; for f in f*; do echo $f; sha256sum <$f; done) | sha256sum");
}

/** Brings the VM back to a snapshot, and resolves to its tree's sum. */
export async function sumAfterRestore(guest: Guest, snapshot: string): Promise<string> {
  if (guest.info.state !== "off") await guest.act("stop");
  await guest.restore(snapshot);
  await guest.state(["running"]);
  return treeSum(guest);
}

async function writeFile(guest: Guest, n: number, kilobytes: number): Promise<void> {
  await guest.run(`dd if=/dev/urandom of=/mnt/f${n} bs=1k count=${kilobytes} 2>/dev/null`);
}
