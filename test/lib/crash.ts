import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect } from "@playwright/test";
import { recordsInitramfs } from "../../qemu-wasm/guests/records.ts";
import { random } from "../../src/block/testing/random.ts";
import type { Disk } from "../../src/model/profile.ts";
import { launch } from "../../tools/lib/chromium.ts";
import { EnginePage } from "../../tools/lib/engine-page.ts";
import type { Guest } from "../../tools/lib/guest.ts";
import { exportDisk } from "../../tools/lib/images.ts";
import { removeAtExit } from "./temporary.ts";

const MIB = 1 << 20;
const BLOCKS = 64;

/**
 * Kills the browser `kills` times while a guest writes numbered records to an ext4 file system and to a bare disk and syncs each;
 * after each kill every record that the guest called synced must be there, no block torn, and the file system sound.
 */
export async function crashRounds(extension: string, kills: number, seed: number): Promise<void> {
  console.log(`Moments of the kills: seed ${seed}.`);
  const next = random(seed);
  const profile = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-profile-")));
  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-crash-")));
  const image = join(folder, "ext4.img");
  execFileSync("mke2fs", ["-q", "-t", "ext4", image, "128M"]);
  const initrd = await recordsInitramfs();
  let id: string | undefined;
  /** What the guest called synced, in all rounds: the last record, and the last of each block of the bare disk. */
  const synced = { record: 0, blocks: new Map<number, number>() };
  for (let round = 0; round <= kills; round++) {
    const browser = await launch({ extension, profile });
    const engine = await EnginePage.open(browser);
    const guest: Guest = id === undefined ? await create(engine, image, initrd) : engine.guest(id);
    id = guest.id;
    if (round > 0) checkFileSystem(join(folder, "copy.img"), await exportDisk(engine, id, "disk0", "raw"));
    await guest.start();
    await guest.prompt();
    await guest.type("mount /dev/vda /mnt && records /mnt/records /dev/vdb");
    const found = await guest.find(/(block \d+ \d+\r\n)*found \d+\r\n|error [^\r]*\r\n/);
    expect(found).not.toContain("error");
    expect(Number(/found (\d+)/.exec(found)?.[1]), `kill ${round}`).toBeGreaterThanOrEqual(synced.record);
    checkBlocks(found, synced.blocks);
    if (round === kills) {
      await guest.find(/synced \d+/);
      await browser.close();
      break;
    }
    guest.onOutput = listen((n) => {
      synced.record = n;
      synced.blocks.set(n % BLOCKS, n);
    });
    for (let left = next(40); left >= 0; left--) await guest.find(/synced \d+\r\n/);
    // Not only at a record's end: at some moment within the next ones.
    await new Promise((resolve) => setTimeout(resolve, next(300)));
    await browser.kill();
    console.log(`Kill ${round + 1} of ${kills}: ${synced.record} records were synced.`);
  }
}

async function create(engine: EnginePage, image: string, initrd: string): Promise<Guest> {
  const quick = await engine.quickProfile();
  if (!quick.boot) throw new Error("The quick VM has no kernel of its own.");
  const user = (name: string) => ({ from: "user", name }) as const;
  const disk = (name: string) =>
    ({ file: user(name), format: "raw", interface: "virtio", access: "persistent" }) as unknown as Disk;
  return engine.create(
    {
      ...quick,
      boot: { ...quick.boot, initrd: user(basename(initrd)) },
      disks: [disk("ext4.img"), disk("bare.img")],
    },
    { "ext4.img": image, "bare.img": new Uint8Array(8 * MIB), [basename(initrd)]: initrd },
  );
}

/** Calls `heard` with each record that the guest says it synced. */
function listen(heard: (record: number) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  let line = "";
  return (bytes) => {
    const lines = (line + decoder.decode(bytes, { stream: true })).split("\r\n");
    line = lines.pop() ?? "";
    for (const text of lines) {
      const n = /^synced (\d+)$/.exec(text)?.[1];
      if (n !== undefined) heard(Number(n));
    }
  };
}

/** Each block is the last one of its place that was synced, or a later one. */
function checkBlocks(found: string, synced: ReadonlyMap<number, number>): void {
  const blocks = new Map([...found.matchAll(/block (\d+) (\d+)/g)].map(([, block, n]) => [Number(block), Number(n)]));
  for (const [block, n] of synced) {
    const stamp = blocks.get(block) ?? 0;
    expect(stamp, `block ${block}`).toBeGreaterThanOrEqual(n);
    expect(stamp % BLOCKS, `block ${block}`).toBe(block);
  }
}

/**
 * The journal is replayed, as the guest's next mount does; after that nothing may be left to repair, but the two sums in the
 * superblock, which ext4 only writes when it is unmounted and adds up anew when it is mounted.
 */
export function checkFileSystem(copy: string, disk: Uint8Array): void {
  writeFileSync(copy, disk);
  execFileSync("e2fsck", ["-E", "journal_only", "-y", copy], { stdio: "ignore" });
  const { stdout } = spawnSync("e2fsck", ["-fn", copy], { encoding: "utf8" });
  expect(stdout).toContain("Pass 5");
  expect(stdout.replaceAll(/^Free (blocks|inodes) count wrong \(\d+, counted=\d+\)\.\nFix\? no$/gm, "")).not.toMatch(
    /\? no|error|corrupt/i,
  );
}
