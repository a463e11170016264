/** Images and disks as plain data; it crosses a MessagePort unchanged. Sizes are bytes, times milliseconds since 1970. */
import type { Disk, DiskFormat } from "./profile.ts";
import type { VmId } from "./vm.ts";

export type ImageId = string;

/** A disk of a VM: its id in the profile, which is its for good. */
export interface DiskRef {
  vm: VmId;
  disk: string;
}

/** An image of the library. Its bytes never change: what VMs write lies in their overlays. */
export interface ImageInfo {
  id: ImageId;
  name: string;
  format: DiskFormat;
  /** What a guest sees. */
  virtualSize: number;
  /** What it takes in the browser's storage: 0 for a blank raw image, and for one that stays on its server. */
  storedBytes: number;
  /** Where its bytes are: kept here, all zeroes, or on a server that sends parts of them. */
  source: "stored" | "blank" | { url: string };
  created: number;
  /** The disks and CD-ROM drives (`cdrom0`) that use it: it can't be deleted before. */
  users: (DiskRef & { access: Disk["access"] })[];
}

/** What `createImage` makes. A raw image takes no space, a qcow2 one a few hundred KiB. */
export interface BlankImage {
  name: string;
  format: "raw" | "qcow2";
  virtualSize: number;
}

/**
 * Where an import comes from. `link`: the image stays at its address, and the parts that a guest reads are fetched when it
 * does; a server that can't send parts is downloaded from whole, as without `link`.
 */
export type ImageSource = Blob | ReadableStream<Uint8Array> | { url: string; link: boolean };

/** A disk of a VM, with what it takes. */
export interface DiskInfo extends DiskRef {
  /** Of the library's image, or the file's. */
  name: string;
  format: DiskFormat;
  interface: Disk["interface"];
  access: Disk["access"];
  /** It was put in while the VM ran, which it still does: it can be taken out, too. */
  hotPlugged?: true;
  /** What a guest sees; undefined when the image can't be had now: `problem` says why. */
  virtualSize?: number;
  problem?: string;
  /** The changes that are kept above the image: what they take, and when they were last written. Absent: there are none. */
  changes?: { bytes: number; written: number };
}

/** How a disk leaves: its changes alone, or with the image below them. */
export type ExportFormat = "overlay" | "raw" | "qcow2";

/** A piece of a file, as `FileSystemWritableFileStream` takes it. */
export type FileChunk =
  | { type: "write"; position: number; data: Uint8Array<ArrayBuffer> }
  | { type: "truncate"; size: number };

/**
 * A file on its way out. Its pieces come in the order of their positions, zeroes between them are left out: piped into a
 * `FileSystemWritableFileStream` (which `truncate` gives its length) the file is sparse where the file system can do that.
 */
export interface FileExport {
  /** A name for it, with its extension. */
  name: string;
  /** Bytes of the whole file, zeroes and all. */
  size: number;
  chunks: ReadableStream<FileChunk>;
}

/** What commits and imports of overlays do with the disk afterwards. */
export interface CommitOptions {
  /** Of the new image. */
  name: string;
  /** The disk goes on over the new image, with no changes; otherwise it stays as it is. */
  attach: boolean;
}

export interface StorageUsage {
  /** What the browser lets the extension have, and what it takes of it in all. */
  quota: number;
  used: number;
  images: { id: ImageId; bytes: number }[];
  /** What was written to disks. */
  overlays: (DiskRef & { bytes: number })[];
  /** Files that were given with a VM. */
  files: { vm: VmId; bytes: number }[];
}
