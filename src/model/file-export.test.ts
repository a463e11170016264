import { expect, test } from "vitest";
import { bytesOf } from "./file-export.ts";
import type { FileChunk } from "./image.ts";

test("a sparse export as plain bytes has its zeroes", async () => {
  const write = (position: number, ...bytes: number[]): FileChunk => ({
    type: "write",
    position,
    data: Uint8Array.from(bytes),
  });
  const chunks = new ReadableStream<FileChunk>({
    start(controller) {
      for (const chunk of [write(2, 1, 2), write(4, 3), write(7, 4)]) controller.enqueue(chunk);
      controller.enqueue({ type: "truncate", size: 10 });
      controller.close();
    },
  });
  const bytes = new Uint8Array(await new Response(bytesOf({ size: 10, chunks })).arrayBuffer());
  expect([...bytes]).toEqual([0, 0, 1, 2, 3, 0, 0, 4, 0, 0]);
});

test("whoever stops reading the bytes cancels the export", async () => {
  let cancelled: unknown;
  const chunks = new ReadableStream<FileChunk>({
    cancel: (reason) => {
      cancelled = reason;
    },
  });
  await bytesOf({ size: 10, chunks }).cancel("enough");
  expect(cancelled).toBe("enough");
});
