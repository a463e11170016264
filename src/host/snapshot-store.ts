/**
 * Snapshots in the origin private file system, a file each: `snapshots/<vm>/<id>`. A file appears, or changes, when all of it was
 * written: a browser that is killed meanwhile leaves the others as they were.
 */
import { QemuWebError, toErrorData } from "../core/errors.ts";
import type { SnapshotFacts, SnapshotId } from "../model/snapshot.ts";
import type { VmId } from "../model/vm.ts";
import { readSnapshotFile, snapshotTrailer } from "./snapshot-file.ts";

export interface StoredSnapshot {
  facts: SnapshotFacts;
  state: Blob;
  file: Blob;
}

export class SnapshotStore {
  /** Those that can be read, oldest first. */
  async list(vm: VmId): Promise<StoredSnapshot[]> {
    const folder = await this.#folder(vm);
    const found: StoredSnapshot[] = [];
    for await (const handle of folder?.values() ?? []) {
      if (handle.kind !== "file") continue;
      const stored = await (handle as FileSystemFileHandle)
        .getFile()
        .then(opened)
        .catch(() => undefined);
      if (stored) found.push(stored);
    }
    return found.sort((a, b) => a.facts.created - b.facts.created);
  }

  /** Throws `no-such-snapshot` or `snapshot-bad`. */
  async get(vm: VmId, id: SnapshotId): Promise<StoredSnapshot> {
    const handle = await (await this.#folder(vm))?.getFileHandle(id).catch(() => undefined);
    if (!handle) throw noSuchSnapshot();
    return opened(await handle.getFile());
  }

  /** What is there and whole, by their ids; what isn't is deleted. Not while any is saved. */
  async sweep(vm: VmId): Promise<SnapshotId[]> {
    const folder = await this.#folder(vm);
    const whole: SnapshotId[] = [];
    for await (const handle of folder?.values() ?? []) {
      if (handle.kind !== "file") continue;
      // Until it is closed, a file that is written is empty to all others.
      const { size } = await (handle as FileSystemFileHandle).getFile();
      if (size > 0) whole.push(handle.name);
      else await folder?.removeEntry(handle.name);
    }
    return whole;
  }

  /**
   * Stores what `state` gives, and then the facts that `facts` makes. Throws `storage-full`, `storage-failed` or what `facts` or the
   * signal says; there is none then.
   */
  async save(
    vm: VmId,
    id: SnapshotId,
    state: ReadableStream<Uint8Array<ArrayBuffer>>,
    facts: () => Promise<SnapshotFacts>,
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      const handle = await (await this.#folder(vm, true))?.getFileHandle(id, { create: true });
      const file = await handle?.createWritable();
      if (!file) throw new Error("no file could be made");
      try {
        await state.pipeTo(file, { preventClose: true, ...(signal && { signal }) });
        await file.write(await snapshotTrailer(await facts()));
        await file.close();
      } catch (error) {
        await file.abort(error).catch(() => undefined);
        throw error;
      }
    } catch (error) {
      await state.cancel(error).catch(() => undefined);
      await this.delete(vm, id).catch(() => undefined);
      signal?.throwIfAborted();
      throw refused(error);
    }
  }

  async delete(vm: VmId, id: SnapshotId): Promise<void> {
    await (await this.#folder(vm))?.removeEntry(id).catch((error: unknown) => {
      if (!isAbsent(error)) throw refused(error);
    });
  }

  /** Forgets all of a VM's. */
  async deleteAll(vm: VmId): Promise<void> {
    const root = await this.#root(false);
    await root?.removeEntry(vm, { recursive: true }).catch((error: unknown) => {
      if (!isAbsent(error)) throw refused(error);
    });
  }

  async #folder(vm: VmId, create = false): Promise<FileSystemDirectoryHandle | undefined> {
    const root = await this.#root(create);
    return root && unlessAbsent(root.getDirectoryHandle(vm, { create }));
  }

  async #root(create: boolean): Promise<FileSystemDirectoryHandle | undefined> {
    const origin = await navigator.storage.getDirectory();
    return unlessAbsent(origin.getDirectoryHandle("snapshots", { create }));
  }
}

async function opened(file: File): Promise<StoredSnapshot> {
  return { ...(await readSnapshotFile(file)), file };
}

function isAbsent(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotFoundError";
}

async function unlessAbsent<T>(handle: Promise<T>): Promise<T | undefined> {
  return handle.catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw refused(error);
  });
}

function noSuchSnapshot(): QemuWebError {
  return new QemuWebError("no-such-snapshot", "There is no such snapshot any more.", "Choose another one.");
}

function refused(cause: unknown): QemuWebError {
  if (cause instanceof QemuWebError) return cause;
  if (cause instanceof DOMException && cause.name === "QuotaExceededError") {
    return new QemuWebError(
      "storage-full",
      "The browser's storage is full: the snapshot was not kept.",
      "Delete snapshots or images, or free disk space, and take it again.",
      { cause },
    );
  }
  return new QemuWebError(
    "storage-failed",
    `The browser could not store the snapshot: ${toErrorData(cause).message.replace(/\.$/, "")}.`,
    "Free some disk space, then try again.",
    { cause },
  );
}
