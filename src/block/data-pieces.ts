import type { FileChunk } from "../model/image.ts";
import type { BlockDevice } from "./device.ts";
import { isZero } from "./zero.ts";

/** Bytes read at once, and how many such reads are under way. */
const PIECE = 1 << 20;
const AHEAD = 4;

/** Zeroes are looked for in so many bytes. */
const GRAIN = 64 << 10;

/**
 * What `device` holds up to `size`, in pieces of 1 MiB at multiples of it; those that are known to be zeroes are left out.
 */
export async function* dataPieces(
  device: BlockDevice,
  signal?: AbortSignal,
  size = device.size,
): AsyncGenerator<{ offset: number; bytes: Uint8Array<ArrayBuffer> }> {
  const reads: { offset: number; bytes: Promise<Uint8Array<ArrayBuffer>> }[] = [];
  let next = 0;
  const fill = () => {
    for (; next < size && reads.length < AHEAD; next += PIECE) {
      const length = Math.min(PIECE, size - next);
      if (device.isHole(next, length)) continue;
      const bytes = read(device, next, length, signal);
      bytes.catch(() => undefined); // whoever comes to it hears of it; nobody may
      reads.push({ offset: next, bytes });
    }
  };
  for (;;) {
    fill();
    const first = reads.shift();
    if (!first) return;
    yield { offset: first.offset, bytes: await first.bytes };
  }
}

/** What `device` holds up to `size`, as pieces of a file of that length: zeroes are left out. */
export async function* fileChunks(
  device: BlockDevice,
  signal?: AbortSignal,
  size = device.size,
): AsyncGenerator<FileChunk> {
  for await (const { offset, bytes } of dataPieces(device, signal, size)) yield* withoutZeroes(offset, bytes);
  yield { type: "truncate", size };
}

/** The parts of `bytes`, which lie at `offset`, that aren't zeroes. */
export function* withoutZeroes(offset: number, bytes: Uint8Array<ArrayBuffer>): Generator<FileChunk> {
  let start: number | undefined;
  const part = (from: number, to: number): FileChunk => ({
    type: "write",
    position: offset + from,
    // A view would be sent with all that it is a view of.
    data: to - from === bytes.length ? bytes : bytes.slice(from, to),
  });
  for (let at = 0; at < bytes.length; at += GRAIN) {
    if (!isZero(bytes.subarray(at, at + GRAIN))) start ??= at;
    else if (start !== undefined) {
      yield part(start, at);
      start = undefined;
    }
  }
  if (start !== undefined) yield part(start, bytes.length);
}

async function read(device: BlockDevice, offset: number, length: number, signal: AbortSignal | undefined) {
  const bytes = new Uint8Array(length);
  await device.read(offset, bytes, signal);
  return bytes;
}
