import { beforeEach, describe, expect, test } from "vitest";
import { BLOCK } from "../overlay.ts";
import { differs } from "./check.ts";
import { OpfsOverlay } from "./opfs-overlay.ts";
import { VolatileFile } from "./power-cut.ts";
import { pattern, random } from "./random.ts";
import { newJournal } from "./slot-journal.ts";

const BLOCKS = 20;
const SIZE = BLOCKS * BLOCK - 1000;

let files: { data: VolatileFile; journals: [VolatileFile, VolatileFile] };

function makeFiles(): void {
  files = { data: new VolatileFile(), journals: [new VolatileFile(), new VolatileFile()] };
  files.journals[0].write(newJournal(), { at: 0 });
  files.journals[0].flush();
}

beforeEach(makeFiles);

const open = (size = SIZE, baseIsBlank = false) => new OpfsOverlay(files, size, baseIsBlank, () => undefined);

/** A block that says everywhere which write it is of. */
function block(write: number, length = BLOCK): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array(BLOCK / 4).fill(write).buffer, 0, length);
}

const lengthOf = (index: number) => (index === BLOCKS - 1 ? BLOCK - 1000 : BLOCK);

test("a power cut at any moment leaves whole blocks, and all that was flushed", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    makeFiles();
    /** By block: the write that the last flush had, and those that came after it. */
    const flushed = new Map<number, number>();
    const later = new Map<number, Set<number>>();
    let overlay = open();
    let write = seed * 1_000_000;
    for (let round = 0; round < 6; round++) {
      let left = 1 + next(60);
      for (const file of [files.data, ...files.journals]) {
        file.onChange = () => {
          if (--left === 0) throw new Error("power cut");
        };
      }
      try {
        for (;;) {
          const index = next(BLOCKS);
          const what = next(10);
          if (what === 0) {
            await overlay.flush();
            for (const [index, versions] of later) flushed.set(index, [...versions].at(-1) ?? 0);
            later.clear();
            continue;
          }
          const version = what < 3 ? 0 : write++;
          const versions = later.get(index) ?? new Set();
          versions.delete(version);
          later.set(index, versions.add(version));
          if (version === 0) await overlay.clear(index, 1);
          else await overlay.write(index, block(version, lengthOf(index)));
        }
      } catch (error) {
        expect(String(error)).toMatch(/power cut/);
      }
      for (const file of [files.data, ...files.journals]) {
        file.onChange = () => {};
        file.cut(next);
      }
      overlay = open();
      for (let index = 0; index < BLOCKS; index++) {
        const kind = overlay.kind(index);
        const bytes = kind === "data" ? await overlay.read(index) : block(0, lengthOf(index));
        const found = new DataView(bytes.buffer).getUint32(0, true);
        expect(differs(bytes, block(found, lengthOf(index))), `seed ${seed}, block ${index} is torn`).toBe(undefined);
        const allowed = [flushed.get(index) ?? 0, ...(later.get(index) ?? [])];
        expect(allowed, `seed ${seed}, block ${index}`).toContain(found);
        flushed.set(index, found);
      }
      later.clear();
    }
  }
}, 60_000);

test("space of what was cleared or overwritten is used again, after the next flush", async () => {
  const overlay = open();
  for (let round = 0; round < 10; round++) {
    for (let index = 0; index < 5; index++) await overlay.write(index, block(round * 100 + index));
    await overlay.flush();
  }
  expect(files.data.getSize()).toBe(10 * BLOCK);
  for (let index = 0; index < 5; index++) await overlay.clear(index, 1);
  await overlay.flush();
  for (let index = 10; index < 20; index++) await overlay.write(index, block(index, lengthOf(index)));
  await overlay.flush();
  expect(files.data.getSize()).toBe(10 * BLOCK);
  for (let index = 10; index < 20; index++) expect((await overlay.read(index))[0]).toBe(index);
});

test("blocks that are written again before a flush stay where they are", async () => {
  const overlay = open();
  for (let n = 1; n <= 100; n++) await overlay.write(7, block(n));
  expect(files.data.getSize()).toBe(BLOCK);
  expect(await overlay.read(7)).toEqual(block(100));
});

test("a blank disk's cleared blocks are the base's", async () => {
  const overlay = open(SIZE, true);
  await overlay.write(1, block(1));
  await overlay.clear(1, 1);
  await overlay.clear(2, 1);
  expect([overlay.kind(1), overlay.kind(2)]).toEqual(["base", "base"]);
});

test("a disk that grew has zeroes behind its old end", async () => {
  const first = open();
  for (let n = 0; n < BLOCKS; n++) await first.write(n, pattern(lengthOf(n), n));
  for (let n = 0; n < BLOCKS - 1; n++) await first.clear(n, 1);
  await first.flush();
  await first.write(BLOCKS - 1, pattern(lengthOf(BLOCKS - 1), 99)); // into a slot that was another block's
  await first.flush();
  const grown = open(SIZE + 1000);
  const expected = new Uint8Array(BLOCK);
  expected.set(pattern(lengthOf(BLOCKS - 1), 99));
  expect(await grown.read(BLOCKS - 1)).toEqual(expected);
});

test("a data file with mostly free slots becomes small when it is opened", async () => {
  const many = 5000;
  const size = many * BLOCK;
  const sparse = { bytes: new Map<number, Uint8Array>(), size: 0 };
  const data = {
    read: (into: Uint8Array, { at }: { at: number }) => {
      into.set(sparse.bytes.get(at) ?? new Uint8Array(into.length));
      return into.length;
    },
    write: (from: Uint8Array, { at }: { at: number }) => {
      sparse.bytes.set(at, from.slice());
      sparse.size = Math.max(sparse.size, at + from.length);
      return from.length;
    },
    truncate: (size: number) => {
      sparse.size = size;
    },
    getSize: () => sparse.size,
    flush: () => {},
    close: () => {},
  };
  files.journals[0].write(newJournal([{ first: 0, count: many, slot: 0 }]), { at: 0 });
  sparse.size = size;
  const handles = { data, journals: files.journals };
  const full = new OpfsOverlay(handles, size, false, () => undefined);
  await full.write(4000, block(4000));
  for (let index = 0; index < 3000; index++) await full.clear(index, 1);
  await full.flush();
  const again = new OpfsOverlay(handles, size, false, () => undefined);
  expect(sparse.size).toBe(2000 * BLOCK);
  expect(await again.read(4000)).toEqual(block(4000));
  expect(again.kind(2999)).toBe("zero");
});

describe("refuses, and says so,", () => {
  const refused = (code = "storage-failed") => expect.objectContaining({ code, hint: expect.stringMatching(/./) });

  test("journals that are none", () => {
    files.journals[0].write(new Uint8Array(16), { at: 0 });
    expect(() => open()).toThrow(refused());
  });

  test("a data file that was cut", async () => {
    const overlay = open();
    await overlay.write(0, block(1));
    await overlay.flush();
    files.data.truncate(BLOCK - 1);
    expect(() => open()).toThrow(refused());
  });

  test("a journal of a newer version", () => {
    const journal = newJournal();
    journal[4] = 2;
    files.journals[0].write(journal, { at: 0 });
    expect(() => open()).toThrow(refused());
  });

  test("10,000 journals that were altered: an error, or an older state", async () => {
    const overlay = open();
    for (let n = 0; n < 12; n++) {
      await overlay.write(n, block(n));
      await overlay.flush();
    }
    const good = new Uint8Array(files.journals[0].getSize());
    files.journals[0].read(good, { at: 0 });
    const next = random(1);
    let opened = 0;
    for (let n = 0; n < 10_000; n++) {
      const bad = good.slice();
      for (let flips = 1 + next(4); flips > 0; flips--) bad[next(bad.length)] = next(256);
      files.journals[0].write(bad, { at: 0 });
      try {
        const overlay = open();
        opened++;
        for (let index = 0; index < 12; index++) {
          if (overlay.kind(index) !== "data") continue;
          expect(differs(await overlay.read(index), block(index))).toBe(undefined);
        }
      } catch (error) {
        expect(error).toEqual(refused());
      }
      files.journals[0].truncate(0);
    }
    expect(opened).toBeGreaterThan(1000);
  }, 60_000);
});
