import type { FileExport } from "./image.ts";

/** Zeroes made at once. */
const ZEROES = 1 << 20;

/** The file's bytes in their order, zeroes and all: for a sink that can't seek. */
export function bytesOf({
  size,
  chunks,
}: Pick<FileExport, "size" | "chunks">): ReadableStream<Uint8Array<ArrayBuffer>> {
  let position = 0;
  const zeroes = function* (end: number) {
    while (position < end) {
      const length = Math.min(ZEROES, end - position);
      position += length;
      yield new Uint8Array(length);
    }
  };
  const reader = chunks.getReader();
  async function* bytes(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const chunk = next.value;
      if (chunk.type === "truncate") continue;
      yield* zeroes(chunk.position);
      position += chunk.data.length;
      yield chunk.data;
    }
    yield* zeroes(size);
  }
  const pieces = bytes();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
