import { expect, test } from "vitest";
import { inspectImage } from "./inspect.ts";
import { MemoryDevice } from "./memory.ts";
import { SparseDevice } from "./testing/sparse.ts";
import { fixedVhd, vhdFooter } from "./testing/vhd.ts";
import { openVdi } from "./vdi.ts";
import { openVmdk } from "./vmdk.ts";
import { openVpc } from "./vpc.ts";

/** Headers made by hand. */
const TIB = 2 ** 40;
const BROKEN = { code: "image-broken" };

/** Bytes with numbers of 4 bytes, least significant byte first, or of 8 where they are bigints, by their place. */
function header(length: number, numbers: Record<number, number | bigint>, littleEndian = true): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(length));
  for (const [at, value] of Object.entries(numbers)) {
    if (typeof value === "bigint") view.setBigUint64(Number(at), value, littleEndian);
    else view.setUint32(Number(at), value, littleEndian);
  }
  return view;
}

const vdi = ({ size, entries }: { size: number; entries: number }) =>
  header(512, {
    64: 0xbeda107f,
    68: 0x10001,
    76: 1,
    340: 512,
    344: 1024,
    360: 512,
    368: BigInt(size),
    376: 1 << 20,
    384: entries,
  });

const vmdk = (change: { sectors: bigint; grains?: number }) =>
  header(512, { 0: 0x564d444b, 4: 1, 12: change.sectors, 20: 8n, 44: change.grains ?? 512, 56: 1n });

function vhd({ size, entries, block }: { size: number; entries: number; block: number }): DataView<ArrayBuffer> {
  const view = header(1536, { 528: 1536n, 540: entries, 544: block }, false);
  const bytes = new Uint8Array(view.buffer);
  bytes.set(vhdFooter(size, { headerAt: 512 }));
  bytes.set(new TextEncoder().encode("cxsparse"), 512);
  return view;
}

test.each([
  ["vpc ", 17 * 4 * 17 * 512],
  ["qemu", 17 * 4 * 17 * 512],
  ["qem2", 600_064],
  ["win ", 600_064],
  ["d2v ", 600_064],
  ["tap\0", 600_064],
  ["CTXS", 600_064],
  ["vbox", 600_064],
  ["wa\0\0", 600_064],
])("a VHD by %j has the bytes that QEMU sees", async (creator, virtualSize) => {
  const image = new Uint8Array(600_064 + 512 + 512);
  image.set(vhdFooter(600_100, { creator, geometry: [17, 4, 17] }), image.length - 512);
  expect(await inspectImage(new MemoryDevice(image))).toEqual({ format: "vpc", virtualSize });
});

test("a VHD with the largest geometry is as long as it says, whoever made it", async () => {
  const image = new SparseDevice(vhdFooter(TIB, { creator: "vpc ", geometry: [65535, 16, 255] }), TIB + 512);
  expect(await inspectImage(image)).toEqual({ format: "vpc", virtualSize: TIB });
});

test("a VHD whose footer was altered is damaged", async () => {
  const image = fixedVhd(new Uint8Array(4096));
  image[image.length - 512 + 54] = 1;
  await expect(inspectImage(new MemoryDevice(image))).rejects.toMatchObject(BROKEN);
});

test.each([
  ["VMDK", vmdk({ sectors: 100n }), 100],
  ["VMDK", vmdk({ sectors: 100n }), 512],
  ["VDI", vdi({ size: 1 << 20, entries: 1 }), 400],
  ["VDI", vdi({ size: 1 << 20, entries: 1 }), 512],
  ["VHD", vhd({ size: 1 << 21, entries: 1, block: 1 << 21 }), 1000],
  ["VHD", vhd({ size: 1 << 21, entries: 1, block: 1 << 21 }), 1536],
  ["fixed VHD", new DataView(vhdFooter(1 << 20).buffer), 4096],
])("a %s that ends before its tables is damaged", async (_, { buffer }, length) => {
  const image = new SparseDevice(new Uint8Array(buffer).subarray(0, length), length);
  await expect(inspectImage(image)).rejects.toMatchObject(BROKEN);
});

test.each([
  ["VMDK", openVmdk, vmdk({ sectors: 2n ** 31n, grains: 1 }), vmdk({ sectors: 2n ** 28n, grains: 1 })],
  ["VDI", openVdi, vdi({ size: TIB, entries: 0x1fffff81 }), vdi({ size: TIB, entries: 0x1fffff80 })],
  [
    "VHD",
    openVpc,
    vhd({ size: TIB, entries: 0x20000000, block: 4096 }),
    vhd({ size: TIB, entries: 0x1fffffff, block: 4096 }),
  ],
])("a %s with tables longer than QEMU reads is damaged; of others no more than is needed is read", async (...row) => {
  const [, open, long, right] = row;
  const sparse = ({ buffer }: DataView<ArrayBuffer>) => new SparseDevice(new Uint8Array(buffer), 8 * TIB);
  await expect(inspectImage(sparse(long))).rejects.toMatchObject(BROKEN);
  await expect(open(sparse(long))).rejects.toMatchObject(BROKEN);
  const image = sparse(right);
  const { virtualSize } = await inspectImage(image);
  const disk = await open(image);
  expect(disk.size).toBe(virtualSize);
  await disk.read(virtualSize - 4096, new Uint8Array(4096));
  // VMDK's directory is read at once, as QEMU does.
  expect(image.longest).toBeLessThanOrEqual(open === openVmdk ? 128 << 20 : 64 << 10);
  await disk.close();
});
