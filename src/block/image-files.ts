import type { FileChunk } from "../model/image.ts";
import { storageFailed } from "./errors.ts";
import { openFileWriter } from "./file-writer.ts";

/** The library's files. What the browser refuses is `storage-full` or `storage-failed`, in a stream's writes too. */
export interface ImageFiles {
  /** A new file, durable when the stream is closed; an aborted one leaves what `remove` takes away. Takes its chunks' bytes. */
  create(id: string): Promise<WritableStream<FileChunk>>;
  open(id: string): Promise<Blob>;
  /** Also of a file that isn't there, or isn't whole. */
  remove(id: string): Promise<void>;
  /** The ids of all, whole or not. */
  list(): Promise<string[]>;
}

/** In the origin's private file system, a folder for each file. */
export class OpfsImageFiles implements ImageFiles {
  constructor(readonly folder = "images") {}

  create(id: string): Promise<WritableStream<FileChunk>> {
    return storing("store the image", async () => {
      const folder = await (await this.#root()).getDirectoryHandle(id, { create: true });
      return openFileWriter(await folder.getFileHandle(DATA, { create: true }));
    });
  }

  open(id: string): Promise<Blob> {
    return storing("read the image", async () => {
      const folder = await (await this.#root()).getDirectoryHandle(id);
      return (await folder.getFileHandle(DATA)).getFile();
    });
  }

  remove(id: string): Promise<void> {
    return storing("delete the image", async () => {
      await (await this.#root()).removeEntry(id, { recursive: true }).catch((thrown: unknown) => {
        if (!(thrown instanceof DOMException && thrown.name === "NotFoundError")) throw thrown;
      });
    });
  }

  list(): Promise<string[]> {
    return storing("read the images", async () => {
      const names: string[] = [];
      for await (const name of (await this.#root()).keys()) names.push(name);
      return names;
    });
  }

  async #root(): Promise<FileSystemDirectoryHandle> {
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle(this.folder, { create: true });
  }
}

const DATA = "data";

async function storing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw storageFailed(what, cause);
  }
}
