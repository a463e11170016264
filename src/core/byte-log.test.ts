import { expect, test } from "vitest";
import { ByteLog } from "./byte-log.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("gives back what was appended, by offset", () => {
  const log = new ByteLog(8);
  log.append(bytes(1, 2, 3));
  log.append(bytes(4));
  expect([log.start, log.end]).toEqual([0, 4]);
  expect(log.read(1, 2)).toEqual(bytes(2, 3));
  expect(log.read(4, 10)).toEqual(bytes());
});

test("keeps the newest bytes when it is full, and moves an old offset up", () => {
  const log = new ByteLog(4);
  log.append(bytes(1, 2, 3));
  log.append(bytes(4, 5, 6));
  expect([log.start, log.end]).toEqual([2, 6]);
  expect(log.read(0, 10)).toEqual(bytes(3, 4, 5, 6));
});

test("keeps the tail of a chunk that is longer than itself", () => {
  const log = new ByteLog(4);
  log.append(bytes(9));
  log.append(bytes(1, 2, 3, 4, 5, 6));
  expect(log.read(log.start, 4)).toEqual(bytes(3, 4, 5, 6));
  expect(log.end).toBe(7);
});

test("agrees with a plain array over many sizes", () => {
  const log = new ByteLog(5000);
  const all: number[] = [];
  for (let n = 0; n < 200; n++) {
    const chunk = Uint8Array.from({ length: (n * 37) % 211 }, (_, i) => (n + i) & 255);
    log.append(chunk);
    all.push(...chunk);
  }
  expect(log.read(log.start, 5000)).toEqual(Uint8Array.from(all.slice(-5000)));
});
