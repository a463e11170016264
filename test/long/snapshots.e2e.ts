import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { random } from "../../src/block/testing/random.ts";
import { launch } from "../../tools/lib/chromium.ts";
import { EnginePage } from "../../tools/lib/engine-page.ts";
import type { Guest } from "../../tools/lib/guest.ts";
import { call, exportDisk } from "../../tools/lib/images.ts";
import { checkFileSystem } from "../lib/crash.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";
import { changeTree, guestWithTree, sumAfterRestore, treeSum } from "../lib/tree.ts";

const seed = Number(process.env.QEMUWEB_SEED ?? Date.now() % 1e6);

/** Snapshots that are kept at once. */
const MOST = 8;

test("100 random steps of snapshots, changes, returns and deletions: each tree is as it was", async ({ engine }) => {
  test.setTimeout(2_400_000);
  console.log(`Steps: seed ${seed}.`);
  const next = random(seed);
  const guest = await guestWithTree(engine);
  const sums = new Map<string, string>();
  const any = () => [...sums.keys()][next(sums.size)] ?? "";
  for (let step = 1; step <= 100; step++) {
    const what = sums.size === 0 ? 0 : sums.size === MOST ? 3 : next(4);
    if (what === 0) {
      const sum = await treeSum(guest);
      sums.set((await guest.snapshot(`Step ${step}`)).id, sum);
    } else if (what === 1) {
      await changeTree(guest, next);
    } else if (what === 2) {
      const id = any();
      expect(await sumAfterRestore(guest, id), `step ${step}`).toBe(sums.get(id));
    } else {
      const id = any();
      await call(engine, "deleteSnapshot", guest.id, id);
      sums.delete(id);
    }
    if (step % 10 === 0) console.log(`Step ${step}: ${sums.size} snapshots.`);
  }
  for (const [id, sum] of sums) expect(await sumAfterRestore(guest, id)).toBe(sum);
});

test("the browser is killed 10 times while it saves: the VM and its older snapshots are whole", async ({ folder }) => {
  test.setTimeout(2_400_000);
  console.log(`Moments of the kills: seed ${seed}.`);
  const next = random(seed);
  const profile = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-profile-")));
  const copy = join(removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-tree-"))), "copy.img");
  const sums = new Map<string, string>();
  let id: string | undefined;
  /** The tree's sum in the snapshot that was being taken at the last kill: it may be whole. */
  let killed = "";
  /** Milliseconds that a snapshot takes. */
  let length = 0;
  for (let round = 0; round <= 10; round++) {
    const browser = await launch({ extension: folder, profile });
    const engine = await EnginePage.open(browser);
    const guest: Guest = id === undefined ? await guestWithTree(engine) : engine.guest(id);
    if (id !== undefined) {
      await expect.poll(() => engine.vms.has(guest.id)).toBe(true);
      await guest.attach();
      checkFileSystem(copy, await exportDisk(engine, id, "disk0", "raw"));
      const there = (await call(engine, "listSnapshots", id)).map((snapshot) => snapshot.id);
      expect(there).toEqual(expect.arrayContaining([...sums.keys()]));
      for (const snapshot of there) {
        expect(await sumAfterRestore(guest, snapshot), `kill ${round}`).toBe(sums.get(snapshot) ?? killed);
        if (!sums.has(snapshot)) await call(engine, "deleteSnapshot", id, snapshot);
      }
    }
    id = guest.id;
    const began = performance.now();
    const sum = await treeSum(guest);
    if (sums.size < 3) {
      sums.set((await guest.snapshot(`Round ${round}`)).id, sum);
      length = performance.now() - began;
    }
    if (round < 10) {
      await changeTree(guest, next);
      killed = await treeSum(guest);
      const saving = guest.snapshot("Killed").catch(() => undefined); // the browser goes meanwhile
      await new Promise((resolve) => setTimeout(resolve, next(length)));
      await browser.kill();
      await saving;
      console.log(`Kill ${round + 1} of 10.`);
    } else await browser.close();
  }
});
