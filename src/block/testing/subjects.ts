import { BlankDevice } from "../blank.ts";
import { CacheDevice } from "../cache.ts";
import { CowDevice } from "../cow.ts";
import type { BlockDevice } from "../device.ts";
import { FileDevice } from "../file.ts";
import { openHttp } from "../http.ts";
import { identify } from "../identity.ts";
import type { TakeLock } from "../lock.ts";
import { MemoryDevice } from "../memory.ts";
import { type OpfsFile, openOpfs } from "../opfs.ts";
import { OverlayStore } from "../overlay-store.ts";
import { PaddedDevice } from "../padded.ts";
import { openQcow2 } from "../qcow2/device.ts";
import { emptyQcow2 } from "../qcow2/empty.ts";
import { planQcow2, writeQcow2 } from "../qcow2/write.ts";
import { ReadonlyDevice } from "../readonly.ts";
import type { Opened, Subject } from "./conformance.ts";
import { MemoryOverlay } from "./memory-overlay.ts";
import { openOpfsOverlay } from "./opfs-overlay.ts";

/** What differs between Node and Chromium. */
export interface Surroundings {
  /** Address of an image server (image-server.ts). */
  server: string;
  takeLock: TakeLock;
  /** A new file of the private file system, or one that plays it. */
  opfsFile(): Promise<OpfsFile>;
}

/** Every block device, and the compositions that QemuWeb makes of them. */
export function subjects({ server, takeLock, opfsFile }: Surroundings): Subject[] {
  let count = 0;
  const store = new OverlayStore(`conformance-${crypto.randomUUID()}`, takeLock);

  const upload = async (contents: Uint8Array<ArrayBuffer>, query = "") => {
    const url = `${server}/conformance-${count++}${query}`;
    await fetch(url, { method: "PUT", body: contents });
    return openHttp(url, { wholeLimit: 1 << 20 });
  };
  /** An overlay in IndexedDB of its own over what `openBase` gives. */
  const overlaid = async (
    openBase: () => Promise<BlockDevice>,
  ): Promise<Opened & { reopen(): Promise<BlockDevice> }> => {
    const vm = `vm${count++}`;
    const reopen = async () => {
      const base = await openBase();
      return new CowDevice(base, await store.open(vm, "disk0", await identify(base)));
    };
    return { device: await reopen(), reopen };
  };
  const reader = (name: string, open: (contents: Uint8Array<ArrayBuffer>) => Promise<BlockDevice>): Subject => ({
    name,
    readonly: true,
    open: async (contents) => ({ device: await open(contents) }),
  });
  const writer = (name: string, open: Subject["open"]): Subject => ({ name, readonly: false, open });

  return [
    writer("memory", async (contents) => ({
      device: new MemoryDevice(contents),
      reopen: async () => new MemoryDevice(contents),
    })),
    reader("readonly(memory)", async (contents) => new ReadonlyDevice(new MemoryDevice(contents))),
    reader("padded(memory)", async (contents) => new PaddedDevice(new MemoryDevice(contents), contents.length)),
    reader("qcow2(memory)", async (contents) => {
      const source = new MemoryDevice(contents);
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for await (const chunk of writeQcow2(source, await planQcow2(source))) {
        if (chunk.type === "write") parts.push(chunk.data);
      }
      return openQcow2(new FileDevice(new Blob(parts)));
    }),
    reader("qcow2(empty) above file", async (contents) =>
      openQcow2(emptyQcow2(contents.length), undefined, new FileDevice(new Blob([contents]))),
    ),
    reader("file", async (contents) => new FileDevice(new File([contents], "disk.img"))),
    reader("http", (contents) => upload(contents)),
    reader("http, downloaded whole", (contents) => upload(contents, "?ranges=no")),
    reader("cache(file)", async (contents) => new CacheDevice(new FileDevice(new Blob([contents])), 1 << 20)),
    reader("cache(http), one chunk", async (contents) => new CacheDevice(await upload(contents), 1)),
    writer("opfs", async (contents) => {
      const file = await opfsFile();
      const device = await openOpfs(file, contents.length);
      await device.write(0, contents);
      return { device, reopen: () => openOpfs(file) };
    }),
    writer("cow(file, memory)", async (contents) => ({
      device: new CowDevice(new FileDevice(new Blob([contents])), new MemoryOverlay()),
    })),
    writer("cow(padded(file), idb)", async (contents) => {
      const half = contents.length >> 1;
      const image = new Blob([contents.slice(0, half)]);
      const opened = await overlaid(async () => new PaddedDevice(new FileDevice(image), contents.length));
      await opened.device.write(half, contents.subarray(half));
      return opened;
    }),
    writer("cow(blank, idb)", async (contents) => {
      const opened = await overlaid(async () => new BlankDevice(contents.length));
      await opened.device.write(0, contents);
      return opened;
    }),
    writer("cow(file, idb)", (contents) => overlaid(async () => new FileDevice(new Blob([contents])))),
    writer("cow(file, opfs-overlay)", async (contents) => {
      const files = await Promise.all([opfsFile(), opfsFile(), opfsFile()]);
      const reopen = async () => {
        const base = new FileDevice(new Blob([contents]));
        return new CowDevice(base, await openOpfsOverlay(files, contents.length));
      };
      return { device: await reopen(), reopen };
    }),
    writer("cow(cache(http), idb)", async (contents) => {
      const url = `${server}/conformance-${count++}`;
      await fetch(url, { method: "PUT", body: contents });
      return overlaid(async () => new CacheDevice(await openHttp(url, { wholeLimit: 0 }), 1 << 20));
    }),
  ];
}
