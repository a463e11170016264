import { type ErrorData, QemuWebError } from "../core/errors.ts";
import type { FileChunk } from "../model/image.ts";
import { storageFailed } from "./errors.ts";

/** To the Worker (file-writer.worker.ts), which answers each before the next is sent. */
export type FileWriterRequest =
  | { type: "open"; file: FileSystemFileHandle }
  | FileChunk
  /** Answered when everything is on the disk. */
  | { type: "close" }
  | { type: "abort" };

/** With an error, the Worker has let go of the file. */
export interface FileWriterAnswer {
  error?: ErrorData;
}

/**
 * Writes a file of the private file system, in a Worker of its own: its bytes are durable when the stream is closed. Chunks' bytes
 * are taken (transferred). Rejects, in its writes too, with `storage-full` or `storage-failed`.
 */
export async function openFileWriter(file: FileSystemFileHandle): Promise<WritableStream<FileChunk>> {
  const worker = new Worker(new URL("./file-writer.worker.ts", import.meta.url), {
    type: "module",
    name: "file writer",
  });
  const ask = async (request: FileWriterRequest, transfer: Transferable[] = []) => {
    try {
      await new Promise<void>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<FileWriterAnswer>) =>
          data.error ? reject(QemuWebError.fromData(data.error)) : resolve();
        worker.onerror = ({ message }) =>
          reject(storageFailed("store the image", new Error(message || "its Worker died")));
        worker.postMessage(request, transfer);
      });
    } catch (error) {
      worker.terminate();
      throw error;
    }
  };
  const end = async (request: FileWriterRequest) => {
    await ask(request);
    worker.terminate();
  };
  await ask({ type: "open", file });
  return new WritableStream<FileChunk>({
    write: (chunk) => ask(chunk, chunk.type === "write" ? [chunk.data.buffer] : []),
    close: () => end({ type: "close" }),
    abort: () => end({ type: "abort" }),
  });
}
