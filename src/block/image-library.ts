import { risingTime } from "../core/rising-time.ts";
import type { BlankImage, FileChunk, ImageSource } from "../model/image.ts";
import { Connection } from "./connection.ts";
import { fileChunks, withoutZeroes } from "./data-pieces.ts";
import type { BlockDevice } from "./device.ts";
import type { DiskImage } from "./disk-image.ts";
import { imageUnreadable, noSuchImage } from "./errors.ts";
import { FileDevice } from "./file.ts";
import { HttpDevice, openHttp } from "./http.ts";
import { identify } from "./identity.ts";
import { type ImageDatabase, type ImageRecord, openImageDatabase } from "./image-database.ts";
import type { ImageFiles } from "./image-files.ts";
import { inspectImage } from "./inspect.ts";
import { layOut, metadata } from "./qcow2/layout.ts";

/** What long work is given: it hears when it is to end, and tells how far it is, in bytes. */
export interface Job {
  signal: AbortSignal;
  progress(done: number, total: number | undefined): void;
}

/** Images that VMs share. Their bytes never change; what is not whole is not in it. */
export class ImageLibrary {
  readonly #connection: Connection<ImageDatabase>;
  readonly #files: ImageFiles;
  /** Files that are being written. */
  readonly #unfinished = new Set<string>();

  constructor(files: ImageFiles, name = "qemuweb-images") {
    this.#files = files;
    this.#connection = new Connection(name, openImageDatabase);
  }

  /** Oldest first. */
  async list(): Promise<ImageRecord[]> {
    const images = await this.#connection.run("read the images", (database) => database.getAll("images"));
    return images.sort((a, b) => a.created - b.created);
  }

  /** Rejects with `no-such-image`. */
  async get(id: string): Promise<ImageRecord> {
    const image = await this.#connection.run("read the images", (database) => database.get("images", id));
    return image ?? Promise.reject(noSuchImage());
  }

  /** Where the image's bytes are, for whoever opens it. */
  async open(id: string): Promise<DiskImage> {
    const { bytes, virtualSize } = await this.get(id);
    switch (bytes.from) {
      case "file":
        return { from: "blob", blob: await this.#files.open(id), identity: bytes.identity };
      case "blank":
        return { from: "blank", size: virtualSize };
      case "http":
        return bytes;
    }
  }

  async create({ name, format, virtualSize }: BlankImage, job: Job): Promise<ImageRecord> {
    if (format === "raw") return this.#put({ ...fresh(name), format, virtualSize, bytes: { from: "blank" } });
    return this.add(name, inOrder(metadata(layOut(virtualSize, []))), job);
  }

  /** Rejects with `image-broken`, `image-unsupported`, `file-unreadable`, `storage-full` or the signal's reason. */
  async import(source: ImageSource, name: string, job: Job): Promise<ImageRecord> {
    if (source instanceof ReadableStream) return this.add(name, streamed(source, job), job);
    const device = source instanceof Blob ? new FileDevice(source) : await this.#openUrl(source.url, job);
    try {
      const facts = await inspectImage(device, job.signal);
      if (!(source instanceof Blob) && source.link && device instanceof HttpDevice) {
        const bytes = { from: "http", image: device.image, identity: await identify(device, job.signal) } as const;
        return await this.#put({ ...fresh(name), ...facts, bytes });
      }
      return await this.add(name, told(fileChunks(device, job.signal), device.size, job), job);
    } finally {
      await device.close();
    }
  }

  /**
   * Stores a file's pieces as an image, once they turn out to be one. `isRaw`: it is raw, whatever it begins with: that may be
   * what a guest wrote.
   */
  async add(
    name: string,
    chunks: AsyncIterable<FileChunk>,
    { signal }: Pick<Job, "signal">,
    isRaw = false,
  ): Promise<ImageRecord> {
    const image = fresh(name);
    this.#unfinished.add(image.id);
    try {
      await this.#write(image.id, chunks, signal);
      const file = new FileDevice(await this.#files.open(image.id));
      const facts = isRaw ? { format: "raw" as const, virtualSize: file.size } : await inspectImage(file, signal);
      const bytes = { from: "file", size: file.size, identity: await identify(file, signal) } as const;
      return await this.#put({ ...image, ...facts, bytes });
    } catch (error) {
      // What can't be removed now is at the next start.
      await this.#files.remove(image.id).catch(() => undefined);
      throw error;
    } finally {
      this.#unfinished.delete(image.id);
    }
  }

  async rename(id: string, name: string): Promise<ImageRecord> {
    return this.#put({ ...(await this.get(id)), name });
  }

  async remove(id: string): Promise<void> {
    await this.get(id);
    await this.#connection.run("delete the image", (database) => database.delete("images", id));
    await this.#files.remove(id);
  }

  /** Removes what imports left that were cut off. */
  async sweep(): Promise<void> {
    const known = new Set((await this.list()).map((image) => image.id));
    for (const id of await this.#files.list()) {
      if (!known.has(id) && !this.#unfinished.has(id)) await this.#files.remove(id);
    }
  }

  async #openUrl(url: string, { signal, progress }: Job): Promise<BlockDevice> {
    if (!/^https?:\/\/./i.test(url)) throw imageUnreadable(url, "has no address of the web", "Begin it with https://.");
    return openHttp(url, { wholeLimit: Number.MAX_SAFE_INTEGER, signal, progress });
  }

  async #write(id: string, chunks: AsyncIterable<FileChunk>, signal: AbortSignal): Promise<void> {
    const writer = (await this.#files.create(id)).getWriter();
    try {
      for await (const chunk of chunks) {
        signal.throwIfAborted();
        await writer.write(chunk);
      }
      signal.throwIfAborted();
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => undefined); // it failed already
      throw error;
    }
  }

  async #put(image: ImageRecord): Promise<ImageRecord> {
    await this.#connection.run("store the image", async (database) => {
      const transaction = database.transaction("images", "readwrite", { durability: "strict" });
      await Promise.all([transaction.store.put(image), transaction.done]);
    });
    return image;
  }
}

function fresh(name: string): Pick<ImageRecord, "id" | "name" | "created"> {
  return { id: crypto.randomUUID(), name, created: risingTime() };
}

async function* inOrder(pieces: Iterable<Uint8Array<ArrayBuffer>>): AsyncGenerator<FileChunk> {
  let position = 0;
  for (const data of pieces) {
    const { length } = data; // which goes with the bytes
    yield { type: "write", position, data };
    position += length;
  }
}

/** The chunks of a file of `size` bytes; tells how far they are. */
export async function* told(chunks: AsyncIterable<FileChunk>, size: number, job: Job): AsyncGenerator<FileChunk> {
  for await (const chunk of chunks) {
    // Whoever takes the chunk takes its bytes.
    const end = chunk.type === "write" ? chunk.position + chunk.data.length : size;
    yield chunk;
    job.progress(end, size);
  }
}

/** Bytes of nobody knows how many, as pieces of a file. */
async function* streamed(source: ReadableStream<Uint8Array>, job: Job): AsyncGenerator<FileChunk> {
  const reader = source.getReader();
  const cancel = () => void reader.cancel(job.signal.reason).catch(() => undefined); // it was broken already
  job.signal.addEventListener("abort", cancel, { once: true });
  let position = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      job.signal.throwIfAborted();
      if (done) break;
      yield* withoutZeroes(position, new Uint8Array(value));
      position += value.length;
      job.progress(position, undefined);
    }
    yield { type: "truncate", size: position };
  } finally {
    job.signal.removeEventListener("abort", cancel);
    await reader.cancel().catch(() => undefined); // whoever stops early, or a source that broke
  }
}
