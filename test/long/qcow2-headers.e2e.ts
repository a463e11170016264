import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { random } from "../../src/block/testing/random.ts";
import type { ErrorData } from "../../src/core/errors.ts";
import type { Disk } from "../../src/model/profile.ts";
import type { PageGlobal } from "../../tools/lib/engine-page.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

const COUNT = 10_000;
const CLUSTER = 512;
/** Bytes from one image to the next in the file that holds them all. */
const ROOM = 16 << 10;
/** Images tried by one call into the page. */
const CALL = 250;

/** A qcow2 image of 8 KiB with small clusters; its header, its tables and its data. */
function smallImage(folder: string): Buffer {
  const raw = join(folder, "small.raw");
  const qcow2 = join(folder, "small.qcow2");
  writeFileSync(raw, randomBytes(16 * CLUSTER));
  execFileSync("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", "-o", `cluster_size=${CLUSTER}`, raw, qcow2]);
  return readFileSync(qcow2);
}

test("10,000 qcow2 images with an altered header: QEMU refuses or reads each, and the guest goes on", async ({
  engine,
}) => {
  test.setTimeout(900_000);
  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-headers-")));
  const good = smallImage(folder);
  expect(good.length).toBeLessThanOrEqual(ROOM);
  const next = random(1);
  const all = Buffer.alloc((COUNT + 1) * ROOM);
  for (let n = 0; n <= COUNT; n++) {
    const image = all.subarray(n * ROOM, (n + 1) * ROOM);
    good.copy(image);
    // The first is as it was made. Header and extensions are in the first cluster; tables behind it, for one in four.
    for (let flips = n === 0 ? 0 : 1 + next(3); flips > 0; flips--) {
      image[next(n % 4 === 0 ? 4 * CLUSTER : 112)] = next(256);
    }
  }
  writeFileSync(join(folder, "all.img"), all);
  const file = { from: "user", name: "all.img" } as const;
  const disk = { file, format: "raw", interface: "virtio", access: "readonly" } as unknown as Disk;
  const guest = await engine.create(
    { ...(await engine.quickProfile()), disks: [disk] },
    { "all.img": join(folder, "all.img") },
  );
  await guest.start();
  await guest.prompt();

  /** Opens images in turn and reads those that open; resolves to what QEMU said of each that it refused. */
  const refusals = (first: number, count: number): Promise<string[]> =>
    engine.page.evaluate(
      async ({ vm, first, count, room, size }) => {
        const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
        type Node = { "node-name": string; drv: string };
        const nodes = (await engine.qmp(vm, "query-named-block-nodes", { flat: true })) as Node[];
        const whole = nodes.find(({ drv }) => drv === "web")?.["node-name"];
        const refusals: string[] = [];
        for (let n = first; n < first + count; n++) {
          const file = { driver: "raw", offset: n * room, size: room, file: whole };
          const node = { driver: "qcow2", "node-name": "altered", "read-only": true, file };
          const refusal = await engine.qmp(vm, "blockdev-add", node).then(
            () => undefined,
            ({ message }: ErrorData) => message,
          );
          if (refusal !== undefined) {
            refusals.push(refusal);
            continue;
          }
          // What comes of it, QEMU writes to the log.
          await engine.hmp(vm, `qemu-io altered "read 0 ${size}"`);
          await engine.qmp(vm, "blockdev-del", { "node-name": "altered" });
        }
        return refusals;
      },
      { vm: guest.id, first, count, room: ROOM, size: 16 * CLUSTER },
    );
  expect(await refusals(0, 1)).toEqual([]);
  await expect.poll(async () => (await engine.logs())[0]?.[1]).toContain("read 8192/8192 bytes at offset 0");
  let refused = 0;
  for (let first = 1; first <= COUNT; first += CALL) {
    const found = await refusals(first, CALL);
    for (const refusal of found) expect(refusal).toMatch(/\w{4}/);
    refused += found.length;
  }
  console.log(`QEMU refused ${refused} of ${COUNT} images.`);
  expect(refused).toBeGreaterThan(COUNT / 4);
  expect(refused).toBeLessThan(COUNT);
  const sum = await guest.run(`head -c ${good.length} /dev/vda | sha256sum`);
  expect(sum).toContain(createHash("sha256").update(good).digest("hex"));
});
