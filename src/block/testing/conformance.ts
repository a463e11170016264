import type { BlockDevice } from "../device.ts";
import { check, differs, rejects } from "./check.ts";
import { pattern, random } from "./random.ts";

/** A way to make a device: what the suite runs over. */
export interface Subject {
  name: string;
  readonly: boolean;
  /** A new device with these bytes. */
  open(contents: Uint8Array<ArrayBuffer>): Promise<Opened>;
}

export interface Opened {
  device: BlockDevice;
  /** Opens the same disk again after `device` was closed; absent where nothing outlasts that. */
  reopen?(): Promise<BlockDevice>;
}

export type AddTest = (name: string, run: () => Promise<void>) => void;

const KIB = 1 << 10;
const BLOCK = 64 * KIB;

/** A few blocks of every device, and an end inside a block, a sector and a word. */
const SIZE = 9 * BLOCK + 4 * KIB + 513;

/** Adds the tests that every device must pass. They end what they open. */
export function conformance(subject: Subject, add: AddTest): void {
  const test = (name: string, run: (device: BlockDevice, model: Uint8Array<ArrayBuffer>) => Promise<void>) =>
    add(name, async () => {
      const contents = pattern(SIZE, 1);
      contents.fill(0, 2 * BLOCK, 4 * BLOCK);
      const { device } = await subject.open(contents.slice());
      try {
        await run(device, contents);
      } finally {
        await device.close();
      }
    });

  test("says its size and kind", async (device) => {
    check(device.size === SIZE, `size is ${device.size}, not ${SIZE}`);
    check(device.readonly === subject.readonly, `readonly is ${device.readonly}`);
    check(device.blockSize >= 1 && Number.isInteger(device.blockSize), `blockSize is ${device.blockSize}`);
  });

  test("reads any range, to the last byte", async (device, model) => {
    const ranges = [
      [0, SIZE],
      [0, 1],
      [SIZE - 1, 1],
      [SIZE - 600, 600],
      [BLOCK - 1, 2],
      [BLOCK - 1, BLOCK + 2],
      [2 * BLOCK - 7, 2 * BLOCK + 14],
      [511, 4 * KIB],
    ] as const;
    for (const [offset, length] of ranges) await same(device, model, offset, length);
    await Promise.all(ranges.map(([offset, length]) => same(device, model, offset, length)));
  });

  test("touches nothing beside the part that it was asked to fill", async (device, model) => {
    const buffer = new Uint8Array(3000).fill(0xaa);
    await device.read(BLOCK - 500, buffer.subarray(1000, 2000));
    check(differs(buffer.subarray(0, 1000), new Uint8Array(1000).fill(0xaa)) === undefined, "wrote before its part");
    check(differs(buffer.subarray(2000), new Uint8Array(1000).fill(0xaa)) === undefined, "wrote behind its part");
    check(differs(buffer.subarray(1000, 2000), model.subarray(BLOCK - 500, BLOCK + 500)) === undefined, "wrong bytes");
  });

  test("fills shared memory", async (device, model) => {
    const into = new Uint8Array(new SharedArrayBuffer(BLOCK)).subarray(10);
    await device.read(BLOCK + 5, into);
    check(differs(into, model.subarray(BLOCK + 5, BLOCK + 5 + into.length)) === undefined, "wrong bytes");
  });

  test("takes ranges of no length, at its end too", async (device, model) => {
    for (const offset of [0, 1, BLOCK, SIZE]) {
      await device.read(offset, new Uint8Array(0));
      if (subject.readonly) continue;
      await device.write(offset, new Uint8Array(0));
      await device.discard(offset, 0);
    }
    await same(device, model, 0, SIZE);
  });

  test("refuses what lies outside", async (device, model) => {
    const outside: [number, number][] = [
      [SIZE, 1],
      [SIZE - 1, 2],
      [-1, 1],
      [-1, 0],
      [SIZE + 1, 0],
      [0.5, 1],
      [Number.NaN, 1],
      [2 ** 53, 1],
    ];
    for (const [offset, length] of outside) {
      await rejects(device.read(offset, new Uint8Array(length)), "internal");
      await rejects(device.write(offset, new Uint8Array(length)), "internal");
      await rejects(device.discard(offset, length), "internal");
    }
    await rejects(device.discard(0, -1), "internal");
    await same(device, model, 0, SIZE);
  });

  test("ends a read with the signal's reason", async (device, model) => {
    const stop = new AbortController();
    const into = new Uint8Array(SIZE);
    const reading = device.read(0, into, stop.signal);
    const reason = new Error("enough");
    stop.abort(reason);
    // It may have been done already.
    const ended = await reading.catch((thrown) => thrown);
    check(ended === undefined || ended === reason, `rejected with ${ended}`);
    const thrown = await device.read(0, new Uint8Array(1), stop.signal).catch((thrown) => thrown);
    check(thrown === reason, `a signal that aborted before gave ${thrown}`);
    await same(device, model, 0, SIZE);
  });

  test("touches nothing any more once a read was rejected", async (device) => {
    const stop = new AbortController();
    const into = new Uint8Array(SIZE);
    const reading = device.read(0, into, stop.signal);
    stop.abort();
    const done = await reading.then(
      () => true,
      () => false,
    );
    if (done) return;
    into.fill(0xaa);
    await device.read(SIZE - 1, new Uint8Array(1));
    await new Promise((resolve) => setTimeout(resolve, 20)); // for something not to happen
    check(
      into.every((byte) => byte === 0xaa),
      "wrote into it afterwards",
    );
  });

  test("refuses everything once it is closed; closing again does nothing", async (device) => {
    await device.close();
    await device.close();
    await rejects(device.read(0, new Uint8Array(1)), "internal");
    await rejects(device.write(0, new Uint8Array(1)), "internal");
    await rejects(device.discard(0, 1), "internal");
    await rejects(device.flush(), "internal");
  });

  test("closes while reads are under way", async (device, model) => {
    const into = new Uint8Array(SIZE);
    const reading = device.read(0, into).then(
      () => differs(into, model) === undefined,
      (error) => error.code === "internal",
    );
    await device.close();
    check(await reading, "a read ended with wrong bytes or another error");
  });

  if (subject.readonly) {
    test("refuses writes", async (device, model) => {
      await rejects(device.write(0, new Uint8Array(1)), "internal");
      await rejects(device.discard(0, 1), "internal");
      await device.flush();
      await same(device, model, 0, SIZE);
    });

    test("gives right bytes to many readers at once", async (device, model) => {
      const next = random(7);
      const reads = Array.from({ length: 200 }, () => {
        const offset = next(SIZE);
        return same(device, model, offset, next(Math.min(SIZE - offset, 2 * BLOCK) + 1));
      });
      await Promise.all(reads);
    });
    return;
  }

  test("reads what was written, and the rest as it was", async (device, model) => {
    const ranges = [
      [0, 1],
      [SIZE - 1, 1],
      [BLOCK - 3, 6],
      [3 * BLOCK, BLOCK],
      [4 * BLOCK + 100, 2 * BLOCK],
      [9 * BLOCK, SIZE - 9 * BLOCK],
    ] as const;
    for (const [n, [offset, length]] of ranges.entries()) {
      const bytes = pattern(length, 100 + n);
      model.set(bytes, offset);
      await device.write(offset, bytes);
      await same(device, model, 0, SIZE);
    }
  });

  test("keeps a copy of what it was given", async (device, model) => {
    const bytes = pattern(BLOCK, 5);
    await device.write(BLOCK, bytes);
    model.set(bytes, BLOCK);
    bytes.fill(0);
    await same(device, model, 0, SIZE);
  });

  test("writes from shared memory", async (device, model) => {
    const bytes = new Uint8Array(new SharedArrayBuffer(BLOCK + 10));
    bytes.set(pattern(bytes.length, 6));
    await device.write(BLOCK, bytes);
    model.set(bytes, BLOCK);
    await device.flush();
    await same(device, model, 0, SIZE);
  });

  test("reads zeroes where it was discarded, and where zeroes were written", async (device, model) => {
    for (const [offset, length] of [
      [BLOCK, BLOCK],
      [4 * BLOCK + 10, 20],
      [5 * BLOCK - 1, 2 * BLOCK + 2],
      [SIZE - 700, 700],
    ] as const) {
      model.fill(0, offset, offset + length);
      await device.discard(offset, length);
      await same(device, model, 0, SIZE);
    }
    await device.write(0, new Uint8Array(BLOCK + 1));
    model.fill(0, 0, BLOCK + 1);
    await device.flush();
    await same(device, model, 0, SIZE);
    const bytes = pattern(100, 8);
    await device.write(BLOCK + 50, bytes);
    model.set(bytes, BLOCK + 50);
    await same(device, model, 0, SIZE);
  });

  test("puts overlapping requests in the order of their calls", async (device, model) => {
    const running: Promise<void>[] = [];
    for (let n = 0; n < 40; n++) {
      const offset = BLOCK - 200 + n * 5;
      const bytes = pattern(400, 200 + n);
      running.push(device.write(offset, bytes));
      model.set(bytes, offset);
      if (n % 7 === 3) {
        running.push(device.discard(offset + 50, 100));
        model.fill(0, offset + 50, offset + 150);
      }
      running.push(sameAs(device, offset - 10, model.slice(offset - 10, offset + 420)));
    }
    await Promise.all(running);
    await same(device, model, 0, SIZE);
  });

  test("does as memory does, whatever comes at once", async (device, model) => {
    for (let seed = 1; seed <= 3; seed++) {
      const next = random(seed);
      let running: Promise<void>[] = [];
      for (let n = 0; n < 200; n++) {
        const offset = next(SIZE + 1);
        const length = next(Math.min(SIZE - offset, next(4) === 0 ? 3 * BLOCK : 5 * KIB) + 1);
        const what = next(10);
        if (what < 5) {
          const bytes = what === 0 ? new Uint8Array(length) : pattern(length, next(1 << 30));
          running.push(device.write(offset, bytes));
          model.set(bytes, offset);
        } else if (what === 5) {
          running.push(device.discard(offset, length));
          model.fill(0, offset, offset + length);
        } else if (what === 6) {
          running.push(device.flush());
        } else {
          running.push(sameAs(device, offset, model.slice(offset, offset + length)));
        }
        if (next(20) > 0) continue;
        await Promise.all(running);
        running = [];
      }
      await Promise.all(running);
      await device.flush();
      await same(device, model, 0, SIZE);
    }
  });

  add("has everything when it is opened again", async () => {
    const model = pattern(SIZE, 3);
    const { device, reopen } = await subject.open(model.slice());
    const bytes = pattern(3 * BLOCK, 4);
    const writing = device.write(BLOCK + 77, bytes);
    model.set(bytes, BLOCK + 77);
    const discarding = device.discard(5 * BLOCK, 2 * BLOCK);
    model.fill(0, 5 * BLOCK, 7 * BLOCK);
    await device.flush();
    // Both were called before the flush, which waits for them.
    await Promise.all([writing, discarding]);
    await device.write(SIZE - 1, Uint8Array.of(42));
    model[SIZE - 1] = 42;
    await device.close();
    if (!reopen) return;
    for (let round = 0; round < 2; round++) {
      const again = await reopen();
      try {
        await same(again, model, 0, SIZE);
      } finally {
        await again.close();
      }
    }
  });
}

function same(device: BlockDevice, model: Uint8Array, offset: number, length: number): Promise<void> {
  return sameAs(device, offset, model.subarray(offset, offset + length));
}

async function sameAs(device: BlockDevice, offset: number, expected: Uint8Array): Promise<void> {
  const into = new Uint8Array(expected.length).fill(0xee);
  await device.read(offset, into);
  const at = differs(into, expected);
  check(at === undefined, `byte ${offset + (at ?? 0)} is ${into[at ?? 0]}, not ${expected[at ?? 0]}`);
}
