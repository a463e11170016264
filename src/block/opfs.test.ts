import { expect, test } from "vitest";
import { openOpfs } from "./opfs.ts";
import { FakeOpfsFile } from "./testing/fakes.ts";
import { pattern } from "./testing/random.ts";

test("is made as long as it is to be, of zeroes", async () => {
  const device = await openOpfs(new FakeOpfsFile(), 10_000);
  const bytes = new Uint8Array(10_000).fill(1);
  await device.read(0, bytes);
  expect(bytes.every((byte) => byte === 0)).toBe(true);
});

test("is held by one", async () => {
  const file = new FakeOpfsFile();
  const device = await openOpfs(file, 512);
  await expect(openOpfs(file)).rejects.toMatchObject({ code: "disk-busy", message: /disk.img is in use/ });
  await device.close();
  await (await openOpfs(file)).close();
});

test("a full store refuses the write, and keeps what was there", async () => {
  const file = new FakeOpfsFile();
  const device = await openOpfs(file, 1 << 20);
  await device.write(0, pattern(1000, 1));
  file.quota = 4096;
  await expect(device.write(8192, pattern(1000, 2))).rejects.toMatchObject({
    code: "storage-full",
    message: "The browser could not write to the disk: there is no space left.",
    hint: /Free some disk space/,
  });
  const bytes = new Uint8Array(1000);
  await device.read(0, bytes);
  expect(bytes).toEqual(pattern(1000, 1));
});
