import { CheckedDevice } from "./checked-device.ts";
import { diskBusy, storageFailed } from "./errors.ts";

/** What this needs of a FileSystemSyncAccessHandle; only Workers have it. */
export interface SyncHandle {
  read(into: Uint8Array, options: { at: number }): number;
  write(from: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

/** What this needs of a FileSystemFileHandle. */
export interface OpfsFile {
  name: string;
  createSyncAccessHandle(): Promise<SyncHandle>;
}

/** Zeroes written at once. */
const ZEROES = 1 << 20;

/**
 * A file of the origin's private file system, which this holds alone until it is closed. `size`: makes the file that
 * long first. Rejects with `vm-state` when it is open elsewhere, with `storage-failed`, also later, for all else.
 */
export async function openOpfs(file: OpfsFile, size?: number): Promise<OpfsDevice> {
  const handle = await file.createSyncAccessHandle().catch((cause) => {
    const isBusy = cause instanceof DOMException && cause.name === "NoModificationAllowedError";
    throw isBusy ? diskBusy(`The disk ${file.name}`) : storageFailed("open the disk", cause);
  });
  try {
    if (size !== undefined) handle.truncate(size);
    return new OpfsDevice(handle, handle.getSize());
  } catch (cause) {
    handle.close();
    throw storageFailed("make the disk's file", cause);
  }
}

class OpfsDevice extends CheckedDevice {
  override readonly readonly = false;
  readonly blockSize = 4096;

  constructor(
    readonly handle: SyncHandle,
    readonly size: number,
  ) {
    super();
  }

  protected override async readRange(offset: number, into: Uint8Array): Promise<void> {
    all("read the disk", into.length, () => this.handle.read(into, { at: offset }));
  }

  protected override async writeRange(offset: number, from: Uint8Array): Promise<void> {
    all("write to the disk", from.length, () => this.handle.write(from, { at: offset }));
  }

  /** Takes space: there is no way to punch a hole. */
  protected override async discardRange(offset: number, length: number): Promise<void> {
    const zeroes = new Uint8Array(Math.min(length, ZEROES));
    for (let at = 0; at < length; at += zeroes.length) {
      const part = zeroes.subarray(0, length - at);
      all("write to the disk", part.length, () => this.handle.write(part, { at: offset + at }));
    }
  }

  protected override async sync(): Promise<void> {
    all("write to the disk", 0, () => {
      this.handle.flush();
      return 0;
    });
  }

  protected override async release(): Promise<void> {
    this.handle.close();
  }
}

/** Throws unless `act` handles all of the bytes: a short write is a full store. */
export function all(what: string, length: number, act: () => number): void {
  let done: number;
  try {
    done = act();
  } catch (cause) {
    throw storageFailed(what, cause);
  }
  if (done < length) throw storageFailed(what, new Error(`${done} of ${length} bytes were handled`));
}
