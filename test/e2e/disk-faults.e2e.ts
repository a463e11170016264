import { createHash, randomBytes } from "node:crypto";
import type { Fault } from "../../src/block/testing/image-server.ts";
import { imageServer } from "../../src/block/testing/image-server.ts";
import type { Disk } from "../../src/model/profile.ts";
import type { EnginePage } from "../../tools/lib/engine-page.ts";
import { call, exportDisk, importImage, importOverlay } from "../../tools/lib/images.ts";
import { expect, test } from "../lib/test.ts";

const MIB = 1 << 20;
const shared = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "*",
  "Access-Control-Expose-Headers": "*",
};

const disk = (file: Disk["file"]) =>
  ({ file, format: "raw", interface: "virtio", access: "persistent" }) as unknown as Disk;

const sum = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const status =
  (code: number): Fault =>
  (_, response) => {
    response.writeHead(code).end("sorry");
    return true;
  };

/** Promises all of the range, and hangs up in the middle of it. */
const drop: Fault = (request, response, image) => {
  const [, first, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
  const [start, end] = [Number(first), Math.min(Number(last) + 1, image.length)];
  const headers = { "Content-Range": `bytes ${start}-${end - 1}/${image.length}`, ETag: '"v1"' };
  response.writeHead(206, { ...headers, "Content-Length": end - start });
  response.write(image.subarray(start, start + ((end - start) >> 1)), () => response.destroy());
  return true;
};

const log = async (engine: EnginePage) => (await engine.logs()).map(([, text]) => text).join("\n");

test("a guest gets right bytes from a server that fails and hangs up, and none of another image", async ({
  engine,
}) => {
  const server = await imageServer(shared);
  try {
    const bytes = randomBytes(48 * MIB);
    const linked = await importImage(engine, "linked", new URL(server.put("disk.img", bytes)));
    const whole = randomBytes(4 * MIB);
    const stored = await importImage(engine, "whole", new URL(`${server.put("whole.img", whole)}?ranges=no`));
    expect(stored).toMatchObject({ source: "stored", virtualSize: whole.length });
    const images = [linked, stored].map(({ id }) => disk({ from: "image", id }));
    const guest = await engine.create({ ...(await engine.quickProfile()), disks: images });
    await guest.start();
    await guest.prompt();
    expect(await guest.run("sha256sum < /dev/vdb")).toContain(sum(whole));

    server.faults.push(status(500), drop, undefined, status(503), drop, drop, undefined, status(429));
    expect(await guest.run("head -c 16777216 /dev/vda | sha256sum")).toContain(sum(bytes.subarray(0, 16 * MIB)));
    expect(server.faults).toEqual([]);

    server.put("disk.img", randomBytes(48 * MIB));
    await guest.type("dd if=/dev/vda bs=1M skip=40 count=8 | sha256sum; echo read-$?");
    await expect.poll(() => log(engine)).toMatch(/disk\.img was changed on its server.*Put the old one back/);
    await guest.act("stop");
    await guest.state(["off"]);
    await server.close();
    const gone = { code: "file-unreadable", hint: expect.stringMatching(/Check the address, the network/) };
    await expect(guest.act("start")).rejects.toMatchObject(gone);
    expect(await guest.state(["failed"])).toMatchObject({ reason: gone });
  } finally {
    await server.close();
  }
});

test("an overlay file that is cut, altered or of another disk changes nothing", async ({ engine }) => {
  const [mine, other] = [randomBytes(MIB), randomBytes(MIB)];
  const profile = await engine.quickProfile();
  const disks = ["mine.img", "other.img"].map((name) => disk({ from: "user", name }));
  const guest = await engine.create({ ...profile, disks }, { "mine.img": mine, "other.img": other });
  await guest.start();
  await guest.prompt();
  for (const name of ["vda", "vdb"]) await guest.run(`dd if=/dev/urandom of=/dev/${name} bs=1k count=200 seek=50`);
  await guest.run("sync");
  await guest.type("poweroff");
  await guest.state(["off"]);
  const before = await exportDisk(engine, guest.id, "disk0", "raw");
  const file = await exportDisk(engine, guest.id, "disk0", "overlay");

  const altered = Buffer.from(file);
  altered[file.length >> 1] = (altered[file.length >> 1] ?? 0) ^ 1;
  const refusals: [Uint8Array, string][] = [
    [file.subarray(0, file.length - 1), "overlay-file-bad"],
    [file.subarray(0, 40), "overlay-file-bad"],
    [altered, "overlay-file-bad"],
    [randomBytes(1000), "overlay-file-bad"],
    [await exportDisk(engine, guest.id, "disk1", "overlay"), "overlay-foreign"],
  ];
  for (const [bytes, code] of refusals) {
    const refused = importOverlay(engine, guest.id, "disk0", bytes);
    await expect(refused).rejects.toMatchObject({ code, hint: expect.stringMatching(/\w/) });
  }
  expect(await exportDisk(engine, guest.id, "disk0", "raw")).toEqual(before);
  await call(engine, "discardChanges", guest.id, "disk0");
  await importOverlay(engine, guest.id, "disk0", file);
  expect(await exportDisk(engine, guest.id, "disk0", "raw")).toEqual(before);
});
