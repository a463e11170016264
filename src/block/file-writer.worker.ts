/** Writes one file of the private file system for `openFileWriter`: a Worker's handle is several times as fast as a page's. */
import { toErrorData } from "../core/errors.ts";
import { storageFailed } from "./errors.ts";
import type { FileWriterAnswer, FileWriterRequest } from "./file-writer.ts";
import type { OpfsFile, SyncHandle } from "./opfs.ts";

let handle: SyncHandle | undefined;

async function perform(request: FileWriterRequest): Promise<void> {
  if (request.type === "open") {
    // The DOM's types leave out what only Workers have.
    handle = await (request.file as unknown as OpfsFile).createSyncAccessHandle();
    return;
  }
  if (!handle) throw new Error("the file is not open");
  switch (request.type) {
    case "write": {
      const { position, data } = request;
      const written = handle.write(data, { at: position });
      if (written < data.length) throw new DOMException(`${written} of ${data.length} bytes`, "QuotaExceededError");
      break;
    }
    case "truncate":
      handle.truncate(request.size);
      break;
    case "close":
      handle.flush();
      handle.close();
      break;
    case "abort":
      handle.close();
  }
}

addEventListener("message", ({ data }: MessageEvent<FileWriterRequest>) => {
  const answer = (message: FileWriterAnswer) => postMessage(message);
  perform(data).then(
    () => answer({}),
    (cause: unknown) => {
      handle?.close();
      answer({ error: toErrorData(storageFailed("store the image", cause)) });
    },
  );
});
