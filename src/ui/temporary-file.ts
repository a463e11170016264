const FOLDER = "exports";

export interface TemporaryFile {
  handle: FileSystemFileHandle;
  remove(): Promise<void>;
}

const lockOf = (name: string) => `qemuweb-export-${name}`;

/** A file in the extension's own storage (OPFS) that lasts until `remove`, or as long as this page. */
export async function temporaryFile(): Promise<TemporaryFile> {
  const name = crypto.randomUUID();
  const release = await holdLock(lockOf(name));
  const folder = await exportsFolder();
  return {
    handle: await folder.getFileHandle(name, { create: true }),
    async remove() {
      await folder.removeEntry(name);
      release();
    },
  };
}

/** Deletes what pages that are gone left: the lock of each file that is in use is held by its page. */
export async function removeLeftovers(): Promise<void> {
  const folder = await exportsFolder();
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  await Promise.all(
    names.map((name) =>
      navigator.locks.request(lockOf(name), { ifAvailable: true }, async (lock) => {
        if (lock) await folder.removeEntry(name);
      }),
    ),
  );
}

async function exportsFolder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

/** Resolves once the lock is held, to what lets go of it; the browser does when the page goes. */
function holdLock(name: string): Promise<() => void> {
  return new Promise((held) => {
    void navigator.locks.request(name, () => new Promise<void>((release) => held(release)));
  });
}
