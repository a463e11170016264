import type { GuestFile } from "../../qemu-wasm/protocol.ts";
import type { DiskImage, DiskSpec } from "../block/disk-image.ts";
import type { ImageLibrary } from "../block/image-library.ts";
import { QemuWebError } from "../core/errors.ts";
import type { DiskSource } from "../model/profile.ts";
import type { NeededDisk, NeededFile } from "../qemu/args.ts";
import type { EngineFiles } from "./engine-files.ts";

/** The files that a command line names, ready for the Worker. Throws `file-unreadable` naming the file. */
export function guestFiles(
  needed: NeededFile[],
  user: Record<string, Blob>,
  packaged: EngineFiles,
): Promise<GuestFile[]> {
  return Promise.all(
    needed.map(async ({ ref, path }) => {
      if (ref.from === "guest") return { path, url: await packaged.guestUrl(`${ref.guest}/${ref.name}`) };
      const blob = stored(ref.name, user);
      return { path, content: new Uint8Array(await readable(ref.name, () => blob.arrayBuffer())) };
    }),
  );
}

/** What a VM's disks are opened from. */
export interface DiskSources {
  /** The user's files, as they are stored with the VM. */
  user: Record<string, Blob>;
  packaged: EngineFiles;
  images: Pick<ImageLibrary, "open">;
}

/** The disks that a command line names, of the VM `vm`; throws like `guestFiles`, and `no-such-image`. */
export function guestDisks(needed: NeededDisk[], vm: string, sources: DiskSources): Promise<DiskSpec[]> {
  return Promise.all(needed.map((disk) => guestDisk(disk, vm, sources)));
}

/** One of `guestDisks`. */
export async function guestDisk(
  { id, ref, format, persistent }: NeededDisk,
  vm: string,
  sources: DiskSources,
): Promise<DiskSpec> {
  return { vm, disk: id, image: await diskImage(ref, sources), format, persistent };
}

/** Where a disk's bytes are. Throws like `guestDisks`. */
export async function diskImage(ref: DiskSource, { user, packaged, images }: DiskSources): Promise<DiskImage> {
  switch (ref.from) {
    case "image":
      return images.open(ref.id);
    case "guest": {
      const bytes = new Uint8Array(await packaged.guest(`${ref.guest}/${ref.name}`));
      return { from: "blob", blob: new Blob([bytes]) };
    }
    case "user": {
      const blob = stored(ref.name, user);
      // A File whose original was moved or changed fails at the first read: better now than as a guest's I/O error.
      await readable(ref.name, () => blob.slice(0, 512).arrayBuffer());
      return { from: "blob", blob };
    }
  }
}

function stored(name: string, user: Record<string, Blob>): Blob {
  const blob = user[name];
  if (!blob) throw unreadable(name, "is not stored with the VM");
  return blob;
}

async function readable<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw unreadable(name, "can't be read: it was moved or changed since it was chosen", cause);
  }
}

function unreadable(name: string, why: string, cause?: unknown): QemuWebError {
  return new QemuWebError("file-unreadable", `The file ${name} ${why}.`, "Make a new VM and choose the file again.", {
    cause,
  });
}
