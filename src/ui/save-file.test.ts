import { afterEach, expect, test, vi } from "vitest";
import type { FileChunk, FileExport } from "../engine/api.ts";
import { chooseTarget, type SaveTarget, saveFile } from "./save-file.ts";

const bytes = (...values: number[]) => new Uint8Array(values);

function fileOf(size: number, chunks: FileChunk[]): FileExport {
  const stream = new ReadableStream<FileChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  return { name: "d.img", size, chunks: stream };
}

const sparse = async () =>
  fileOf(4096, [
    { type: "write", position: 0, data: bytes(1, 2) },
    { type: "write", position: 1024, data: bytes(3) },
    { type: "truncate", size: 4096 },
  ]);

function target(fails?: Error) {
  const calls: unknown[] = [];
  const self: SaveTarget = {
    open: async () =>
      new WritableStream<FileChunk>({
        write(chunk) {
          if (fails) throw fails;
          calls.push(chunk.type === "write" ? [chunk.position, ...chunk.data] : `size ${chunk.size}`);
        },
        close: () => void calls.push("closed"),
        abort: () => void calls.push("aborted"),
      }),
    finish: async () => void calls.push("finished"),
    discard: async () => void calls.push("discarded"),
  };
  return { self, calls };
}

test("pieces arrive where they belong, what is zero is left out, and the file gets its length", async () => {
  const { self, calls } = target();
  const report = vi.fn();
  await saveFile(self, sparse, report, new AbortController().signal);
  expect(calls).toEqual([[0, 1, 2], [1024, 3], "size 4096", "closed", "finished"]);
  expect(report).toHaveBeenLastCalledWith(4096, 4096);
});

test("a full disk leaves nothing behind, and is told", async () => {
  const { self, calls } = target(new Error("No space."));
  await expect(saveFile(self, sparse, () => {}, new AbortController().signal)).rejects.toThrow("No space.");
  expect(calls).toEqual(["discarded"]);
});

test("cancelling ends the export behind it too", async () => {
  const { self, calls } = target();
  const cancelled = vi.fn();
  const cancel = new AbortController();
  const chunks = new ReadableStream<FileChunk>({
    start: (controller) => controller.enqueue({ type: "write", position: 0, data: bytes(1) }),
    cancel: cancelled,
  });
  const saving = saveFile(
    self,
    async () => ({ name: "d.img", size: 9, chunks }),
    () => {},
    cancel.signal,
  );
  await vi.waitFor(() => expect(calls).toEqual([[0, 1]]));
  cancel.abort();
  await expect(saving).rejects.toThrow("abort");
  expect(cancelled).toHaveBeenCalled();
  expect(calls).toEqual([[0, 1], "aborted", "discarded"]);
});

afterEach(() => vi.unstubAllGlobals());

test("a picker that the user closed is no target, and a new file that was not written goes again", async () => {
  vi.stubGlobal("showSaveFilePicker", () => Promise.reject(new DOMException("closed", "AbortError")));
  expect(await chooseTarget("d.img")).toBeUndefined();

  const handle = (size: number) => ({ getFile: async () => ({ size }), remove: vi.fn(async () => {}) });
  const [fresh, old] = [handle(0), handle(5)];
  for (const picked of [fresh, old]) {
    vi.stubGlobal("showSaveFilePicker", async () => picked);
    await (await chooseTarget("d.img"))?.discard();
  }
  expect(fresh.remove).toHaveBeenCalled();
  expect(old.remove).not.toHaveBeenCalled();
});
