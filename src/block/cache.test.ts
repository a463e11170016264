import { expect, test } from "vitest";
import { CacheDevice } from "./cache.ts";
import { MemoryDevice } from "./memory.ts";
import { differs } from "./testing/check.ts";
import { pattern } from "./testing/random.ts";

const CHUNK = 256 << 10;

/** A base that notes which chunks are read, and fails when told. */
class NotingDevice extends MemoryDevice {
  readonly reads: number[] = [];
  failure: Error | undefined;

  protected override async readRange(offset: number, into: Uint8Array): Promise<void> {
    this.reads.push(offset / CHUNK);
    await Promise.resolve();
    if (this.failure) throw this.failure;
    await super.readRange(offset, into);
  }
}

const image = pattern(20 * CHUNK + 100, 1);
const cached = (chunks: number) => {
  const base = new NotingDevice(image.slice());
  return { base, cache: new CacheDevice(base, chunks * CHUNK) };
};

async function read(cache: CacheDevice, chunk: number, length = 100): Promise<void> {
  const into = new Uint8Array(length);
  await cache.read(chunk * CHUNK, into);
  expect(differs(into, image.subarray(chunk * CHUNK, chunk * CHUNK + length))).toBeUndefined();
}

test("reads a chunk once, for all who want it", async () => {
  const { base, cache } = cached(8);
  await Promise.all(Array.from({ length: 10 }, () => read(cache, 5)));
  await read(cache, 5);
  expect(base.reads).toEqual([5]);
});

test("keeps what was used last", async () => {
  const { base, cache } = cached(3);
  for (const chunk of [9, 4, 15, 9, 0, 9, 4]) await read(cache, chunk);
  expect(base.reads).toEqual([9, 4, 15, 0, 4]);
});

test("reads ahead of who reads on, not of who jumps", async () => {
  const { base, cache } = cached(16);
  for (const chunk of [3, 12, 7]) await read(cache, chunk);
  expect(base.reads).toEqual([3, 12, 7]);
  await read(cache, 8);
  expect(base.reads).toEqual([3, 12, 7, 8, 9, 10, 11]);
  await read(cache, 9);
  expect(base.reads.at(-1)).toBe(13);
  await read(cache, 19);
  await read(cache, 20, 100);
  expect(base.reads.at(-1)).toBe(20);
});

test("keeps no failure", async () => {
  const { base, cache } = cached(8);
  base.failure = new Error("lost");
  await expect(read(cache, 2)).rejects.toBe(base.failure);
  base.failure = undefined;
  await read(cache, 2);
  expect(base.reads).toEqual([2, 2]);
});

test("who leaves takes nothing from the others", async () => {
  const { base, cache } = cached(8);
  const stop = new AbortController();
  const leaving = cache.read(0, new Uint8Array(10), stop.signal);
  const staying = read(cache, 0);
  stop.abort(new Error("enough"));
  await expect(leaving).rejects.toThrow("enough");
  await staying;
  expect(base.reads).toEqual([0]);
});
