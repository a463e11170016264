/** What Node lacks, played in memory. */
import type { FileChunk } from "../../model/image.ts";
import { storageFailed } from "../errors.ts";
import type { ImageFiles } from "../image-files.ts";
import type { TakeLock } from "../lock.ts";
import type { OpfsFile, SyncHandle } from "../opfs.ts";

/** Locks as Web Locks are, between those that share the function. */
export function fakeLocks(): TakeLock {
  const held = new Set<string>();
  return async (name) => {
    if (held.has(name)) return undefined;
    held.add(name);
    return () => void held.delete(name);
  };
}

/** A file of the private file system; one handle at a time. */
export class FakeOpfsFile implements OpfsFile {
  readonly name = "disk.img";
  #bytes = new Uint8Array(0);
  #isOpen = false;
  /** Bytes that the file may have before the store is full. */
  quota = Number.POSITIVE_INFINITY;

  async createSyncAccessHandle(): Promise<SyncHandle> {
    if (this.#isOpen) throw new DOMException("Access Handles cannot be created", "NoModificationAllowedError");
    this.#isOpen = true;
    return {
      read: (into, { at }) => {
        const part = this.#bytes.subarray(at, at + into.length);
        into.set(part);
        return part.length;
      },
      write: (from, { at }) => {
        if (at + from.length > this.quota) throw new DOMException("No space available", "QuotaExceededError");
        this.#resize(Math.max(this.#bytes.length, at + from.length));
        this.#bytes.set(from, at);
        return from.length;
      },
      truncate: (size) => this.#resize(size),
      getSize: () => this.#bytes.length,
      flush: () => undefined,
      close: () => {
        this.#isOpen = false;
      },
    };
  }

  #resize(size: number): void {
    if (size === this.#bytes.length) return;
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(0, size));
    this.#bytes = bytes;
  }
}

/** The library's files; what isn't closed is kept as rubbish. */
export class MemoryImageFiles implements ImageFiles {
  readonly files = new Map<string, Blob>();
  /** Bytes that may be written before the store is full. */
  quota = Number.POSITIVE_INFINITY;

  async create(id: string): Promise<WritableStream<FileChunk>> {
    let bytes = new Uint8Array(0);
    const resize = (size: number) => {
      const longer = new Uint8Array(size);
      longer.set(bytes.subarray(0, size));
      bytes = longer;
    };
    this.files.set(id, new Blob());
    return new WritableStream<FileChunk>({
      write: (chunk) => {
        if (chunk.type === "truncate") return resize(chunk.size);
        // Taken, as by a Worker.
        const data = structuredClone(chunk.data, { transfer: [chunk.data.buffer] });
        const end = chunk.position + data.length;
        if (end > this.quota) throw storageFailed("store the image", new DOMException("full", "QuotaExceededError"));
        if (end > bytes.length) resize(end);
        bytes.set(data, chunk.position);
      },
      close: () => void this.files.set(id, new Blob([bytes])),
    });
  }

  async open(id: string): Promise<Blob> {
    return this.files.get(id) ?? Promise.reject(new Error(`no file ${id}`));
  }

  async remove(id: string): Promise<void> {
    this.files.delete(id);
  }

  async list(): Promise<string[]> {
    return [...this.files.keys()];
  }
}
