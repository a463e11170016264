import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { openDB } from "idb";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { BlockDevice } from "./device.ts";
import { openBase } from "./disk-image.ts";
import { ImageLibrary, type Job } from "./image-library.ts";
import { BLOCK } from "./overlay.ts";
import { openQcow2 } from "./qcow2/device.ts";
import { differs } from "./testing/check.ts";
import { MemoryImageFiles } from "./testing/fakes.ts";
import { type ImageServer, imageServer } from "./testing/image-server.ts";
import fixture from "./testing/images-v1.json" with { type: "json" };
import { pattern } from "./testing/random.ts";

let files: MemoryImageFiles;
let library: ImageLibrary;
let server: ImageServer;
beforeAll(async () => {
  server = await imageServer();
});
afterAll(() => server.close());
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  files = new MemoryImageFiles();
  library = new ImageLibrary(files);
});

function job(): Job & { stop: AbortController; told: [number, number | undefined][] } {
  const stop = new AbortController();
  const told: [number, number | undefined][] = [];
  return { stop, signal: stop.signal, told, progress: (...how) => void told.push(how) };
}

async function bytesOf(device: BlockDevice): Promise<Uint8Array> {
  const bytes = new Uint8Array(device.size);
  await device.read(0, bytes);
  return bytes;
}

async function contents(id: string): Promise<Uint8Array> {
  const { image } = await openBase({ image: await library.open(id), format: "raw" });
  return bytesOf(image);
}

const image = pattern(20 * BLOCK + 512, 1)
  .fill(0, 2 * BLOCK, 9 * BLOCK)
  .fill(0, 20 * BLOCK);

test("takes a file as it is, and tells how far it is", async () => {
  const { told, ...work } = job();
  const taken = await library.import(new Blob([image]), "disk", work);
  expect(taken).toMatchObject({ name: "disk", format: "raw", virtualSize: image.length });
  expect(taken.bytes).toMatchObject({ from: "file", size: image.length });
  expect(differs(await contents(taken.id), image)).toBeUndefined();
  expect(told.at(-1)).toEqual([image.length, image.length]);
  expect(await new ImageLibrary(files).list()).toEqual([taken]);
});

test("takes a stream of any pieces", async () => {
  const pieces = [image.slice(0, 7), image.slice(7, 100_000), image.slice(100_000)];
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
  const { id } = await library.import(stream, "disk", job());
  expect(differs(await contents(id), image)).toBeUndefined();
});

test("a blank raw image takes no space, a blank qcow2 one little", async () => {
  const raw = await library.create({ name: "raw", format: "raw", virtualSize: 2 ** 42 }, job());
  expect(await library.open(raw.id)).toEqual({ from: "blank", size: 2 ** 42 });
  const qcow2 = await library.create({ name: "qcow2", format: "qcow2", virtualSize: 2 ** 33 + 512 }, job());
  expect(qcow2).toMatchObject({ format: "qcow2", virtualSize: 2 ** 33 + 512 });
  expect(qcow2.bytes).toMatchObject({ from: "file", size: 4 * BLOCK });
  const { image } = await openBase({ image: await library.open(qcow2.id), format: "qcow2" });
  expect((await openQcow2(image)).size).toBe(2 ** 33 + 512);
  expect(files.files.size).toBe(1);
});

test("what is refused, cancelled or finds no space leaves nothing", async () => {
  const broken = pattern(BLOCK, 1);
  broken.set([0x51, 0x46, 0x49, 0xfb]);
  await expect(library.import(new Blob([broken]), "x", job())).rejects.toMatchObject({ code: "image-unsupported" });
  const stream = new Blob([broken]).stream();
  await expect(library.import(stream, "x", job())).rejects.toMatchObject({ code: "image-unsupported" });
  await expect(library.import(new Blob([]), "x", job())).rejects.toMatchObject({ code: "image-broken" });

  const cancelled = job();
  const reason = new Error("enough");
  const importing = library.import(new Blob([image]), "x", {
    signal: cancelled.signal,
    progress: () => cancelled.stop.abort(reason),
  });
  await expect(importing).rejects.toBe(reason);

  let told: unknown;
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(pattern(1000, 1)),
    cancel: (why) => {
      told = why;
    },
  });
  const later = job();
  const waiting = library.import(endless, "x", { signal: later.signal, progress: () => later.stop.abort(reason) });
  await expect(waiting).rejects.toBe(reason);
  expect(told).toBe(reason);

  files.quota = BLOCK;
  await expect(library.import(new Blob([image]), "x", job())).rejects.toMatchObject({ code: "storage-full" });
  expect([await library.list(), [...files.files]]).toEqual([[], []]);
});

test("an import that the browser's end cut off is swept away, one under way and whole images are not", async () => {
  const whole = await library.import(new Blob([image]), "disk", job());
  await files.create("left over");
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => {
      feed = controller;
    },
  });
  const importing = library.import(source, "under way", job());
  feed?.enqueue(pattern(512, 1));
  await library.sweep();
  feed?.close();
  const done = await importing;
  expect([...files.files.keys()].sort()).toEqual([whole.id, done.id].sort());
});

test("is renamed and removed", async () => {
  const { id } = await library.import(new Blob([image]), "disk", job());
  expect(await library.rename(id, "other")).toMatchObject({ id, name: "other" });
  await library.remove(id);
  expect([await library.list(), files.files.size]).toEqual([[], 0]);
  await expect(library.get(id)).rejects.toMatchObject({ code: "no-such-image" });
  await expect(library.remove(id)).rejects.toMatchObject({ code: "no-such-image" });
});

test("an image at an address stays there, and is known again", async () => {
  const url = server.put("linked", image);
  const linked = await library.import({ url, link: true }, "linked", job());
  expect(linked).toMatchObject({
    virtualSize: image.length,
    bytes: { from: "http", image: { url, validator: '"v1"' } },
  });
  expect(files.files.size).toBe(0);
  server.requests.length = 0;
  const { image: opened, base } = await openBase({ image: await library.open(linked.id), format: "raw" });
  expect(server.requests).toEqual(["bytes=0-0"]); // the ETag told that it is the same
  expect(differs(await bytesOf(opened), image)).toBeUndefined();
  const stored = await library.import({ url, link: false }, "copied", job());
  expect(stored.bytes).toMatchObject({ from: "file", identity: base });
  expect(differs(await contents(stored.id), image)).toBeUndefined();

  server.put("linked", image); // another ETag, the same image
  await (await openBase({ image: await library.open(linked.id), format: "raw" })).image.close();
  server.put("linked", pattern(image.length, 9));
  await expect(openBase({ image: await library.open(linked.id), format: "raw" })).rejects.toMatchObject({
    code: "image-changed",
  });
  server.put("linked", image.slice(512));
  await expect(contents(linked.id)).rejects.toMatchObject({ code: "image-changed" });
});

test("from a server that can't send parts an image is downloaded, with progress", async () => {
  const { told, ...work } = job();
  const url = `${server.put("whole", image)}?ranges=no`;
  const taken = await library.import({ url, link: true }, "whole", work);
  expect(taken.bytes).toMatchObject({ from: "file", size: image.length });
  expect(told.at(-1)?.[1]).toBe(image.length);
  expect(differs(await contents(taken.id), image)).toBeUndefined();
});

test("an address without an image is told", async () => {
  const gone = library.import({ url: `${server.url}/nothing`, link: true }, "x", job());
  await expect(gone).rejects.toMatchObject({ code: "file-unreadable", message: /answers 404/ });
  const odd = library.import({ url: "file:///etc/passwd", link: true }, "x", job());
  await expect(odd).rejects.toMatchObject({ code: "file-unreadable", hint: /https/ });
});

test("reads what version 1 wrote", async () => {
  const old = await openDB("qemuweb-images", fixture.version, {
    upgrade: (database) => void database.createObjectStore("images", { keyPath: "id" }),
  });
  for (const row of fixture.rows) await old.put("images", row);
  old.close();
  expect(await library.list()).toEqual(fixture.rows);
});
