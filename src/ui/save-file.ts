import type { FileChunk, FileExport } from "../engine/api.ts";
import { fileName } from "./file-name.ts";
import { saveBlob } from "./save-blob.ts";
import { temporaryFile } from "./temporary-file.ts";
import type { Report } from "./works.ts";

/** Where a file goes that the user saves. */
export interface SaveTarget {
  open(): Promise<WritableStream<FileChunk>>;
  /** After the last byte: hands the file over. */
  finish(): Promise<void>;
  /** After a failure or a cancel: leaves nothing behind. */
  discard(): Promise<void>;
}

type PickerHost = { showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle> };

/**
 * Asks where to save, so it wants a user's click. Undefined: the user thought better of it. Where the page may not ask (the
 * panel in DevTools is a frame of another origin), the file is made in the extension's own storage and goes to the downloads.
 */
export async function chooseTarget(name: string): Promise<SaveTarget | undefined> {
  const { showSaveFilePicker } = globalThis as PickerHost;
  if (!showSaveFilePicker) return downloadTarget(name);
  try {
    return await pickedTarget(await showSaveFilePicker({ suggestedName: fileName(name) }));
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === "AbortError") return undefined;
    return downloadTarget(name);
  }
}

async function pickedTarget(handle: FileSystemFileHandle): Promise<SaveTarget> {
  const { size } = await handle.getFile();
  return {
    open: () => handle.createWritable(),
    finish: async () => {},
    async discard() {
      // The picker makes the file; what was there before is the user's, and is as it was until the new one is closed.
      if (size === 0) await (handle as FileSystemFileHandle & { remove?: () => Promise<void> }).remove?.();
    },
  };
}

async function downloadTarget(name: string): Promise<SaveTarget> {
  const file = await temporaryFile();
  return {
    open: () => file.handle.createWritable(),
    async finish() {
      saveBlob(await file.handle.getFile(), name);
      // Nobody tells when the browser has read it all: the file stays until the page goes.
    },
    discard: () => file.remove(),
  };
}

/**
 * Writes the pieces of the file that `begin` gives to the target; leaves nothing behind when that fails or `signal` aborts, and
 * rejects.
 */
export async function saveFile(
  target: SaveTarget,
  begin: () => Promise<FileExport>,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  try {
    const file = await begin();
    const told = file.chunks.pipeThrough(reporting(file.size, report));
    await told.pipeTo(await target.open(), { signal });
    await target.finish();
  } catch (thrown) {
    await target.discard().catch(() => undefined); // what failed first is what matters
    throw thrown;
  }
}

function reporting(size: number, report: Report): TransformStream<FileChunk, FileChunk> {
  let next = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const done = chunk.type === "write" ? chunk.position + chunk.data.length : chunk.size;
      const now = performance.now();
      if (now >= next || chunk.type === "truncate") {
        next = now + 100;
        report(done, size);
      }
      controller.enqueue(chunk);
    },
  });
}
