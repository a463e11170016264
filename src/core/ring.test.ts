import { describe, expect, it } from "vitest";
import { RingReader, RingWriter } from "./ring.ts";

function ring(size: number) {
  const memory = new SharedArrayBuffer(8 + size);
  const place = { memory, produced: 0, consumed: 4, data: 8, size };
  return { reader: new RingReader(place), writer: new RingWriter(place), counters: new Int32Array(memory, 0, 2) };
}

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("byte ring", () => {
  it("gives back what was put in, across its end", () => {
    const { reader, writer } = ring(4);
    expect(writer.put(bytes(1, 2, 3))).toBe(3);
    expect(reader.take()).toEqual(bytes(1, 2, 3));
    expect(writer.put(bytes(4, 5, 6))).toBe(3);
    expect(reader.take()).toEqual(bytes(4, 5, 6));
    expect(reader.take()).toBeUndefined();
  });

  it("takes no more than it has room for", () => {
    const { reader, writer } = ring(4);
    expect(writer.put(bytes(1, 2, 3, 4, 5))).toBe(4);
    expect(writer.put(bytes(5))).toBe(0);
    expect(reader.take()).toEqual(bytes(1, 2, 3, 4));
  });

  it("goes on when its counters pass 2^32", () => {
    const { reader, writer, counters } = ring(8);
    counters.fill(-3);
    for (let round = 0; round < 4; round++) {
      expect(writer.put(bytes(round, 1, 2))).toBe(3);
      expect(reader.take()).toEqual(bytes(round, 1, 2));
    }
  });

  it("says that it is ready, drained or ended", async () => {
    const { reader, writer } = ring(4);
    writer.put(bytes(1));
    expect(await reader.ready()).toBe(true);
    reader.take();
    expect(await writer.drained()).toBe(true);
    const waiting = reader.ready();
    reader.end();
    expect(await waiting).toBe(false);
  });
});
