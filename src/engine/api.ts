/**
 * The one door to the engine: panel, popup, scripts and tests speak this and nothing else. It crosses a MessagePort by
 * Comlink, so every method is asynchronous and every value is structured-cloneable; streams are transferred, and cancelling
 * one or closing the client's port ends the work behind it. Errors arrive as `QemuWebError` with code and hint.
 */
import type { Progress } from "../core/progress.ts";
import type { CapabilityReport } from "../model/capability.ts";
import type {
  BlankImage,
  CommitOptions,
  DiskInfo,
  ExportFormat,
  FileExport,
  ImageId,
  ImageInfo,
  ImageSource,
  StorageUsage,
} from "../model/image.ts";
import type { Disk, DiskSource, Nic, Profile } from "../model/profile.ts";
import type { SnapshotFacts, SnapshotId, SnapshotInfo, SnapshotWords } from "../model/snapshot.ts";
import type { EngineEvent, LogLine, MonitorEvent, StartOptions, StartTimings, VmId, VmInfo } from "../model/vm.ts";

export type { Capability, CapabilityReport } from "../model/capability.ts";
export type { CursorImage, FromDisplay, PointerButton, ToDisplay } from "../model/display.ts";
export type {
  BlankImage,
  CommitOptions,
  DiskInfo,
  DiskRef,
  ExportFormat,
  FileChunk,
  FileExport,
  ImageId,
  ImageInfo,
  ImageSource,
  StorageUsage,
} from "../model/image.ts";
export type { SnapshotFacts, SnapshotId, SnapshotInfo, SnapshotWords } from "../model/snapshot.ts";
export type {
  EngineEvent,
  LogLine,
  LogSource,
  MonitorEvent,
  StartOptions,
  StartTimings,
  VmAction,
  VmId,
  VmInfo,
  VmReason,
  VmState,
} from "../model/vm.ts";

export interface Console {
  /** Scroll-back first (at most 1 MiB), then live bytes as the guest writes them. A slow reader slows the guest. */
  output: ReadableStream<Uint8Array>;
  /** Bytes typed to the guest; a `write` resolves when the guest's side took them, so pasting has flow control. */
  input: WritableStream<Uint8Array>;
}

/** A network adapter that is to be. */
export type NewNic = Pick<Nic, "model"> & Partial<Pick<Nic, "mac">>;

export interface EngineApi {
  /**
   * Says who the client is; the client holds a Web Lock of this name for as long as it lives (see client.ts).
   * `engineLock` is the lock that the engine holds: when a client is granted it, the engine is gone.
   */
  hello(clientLock: string): Promise<{ version: string; engineLock: string }>;
  capabilities(): Promise<CapabilityReport>;

  listVms(): Promise<VmInfo[]>;
  /** Everything after event `since` (0: a `vm` event for each VM, then what follows). */
  events(since?: number): Promise<ReadableStream<EngineEvent>>;

  /** The built-in quick VM's profile, without or with a display; change it and hand it to `createVm`. */
  quickProfile(display?: boolean): Promise<Profile>;
  /** Validates and stores a VM. `files` holds a Blob for each `FileRef` of the profile that is `from: "user"`. */
  createVm(profile: Profile, files?: Record<string, Blob>): Promise<VmInfo>;
  /**
   * Replaces the profile of a VM that is off; disks are known again by their ids, so that their order means nothing, and
   * those without get one. `files`: what the profile names and isn't stored with the VM yet. A disk that is no longer in it
   * loses its changes, for good; one that is keeps its image: another image is another disk. Throws `vm-state`,
   * `profile-invalid`, `no-such-image`.
   */
  updateVm(id: VmId, profile: Profile, files?: Record<string, Blob>): Promise<VmInfo>;
  deleteVm(id: VmId): Promise<void>;

  startVm(id: VmId, options?: StartOptions): Promise<void>;
  /**
   * Asks the guest: by its agent where that answers, else by the power button. Resolves when it was asked; a guest that does not
   * react leaves the VM in `shutting-down`, from where it can be asked again or be stopped.
   */
  shutdownVm(id: VmId): Promise<void>;
  /** Forced: like pulling the plug. Resolves when the VM is off. */
  stopVm(id: VmId): Promise<void>;
  pauseVm(id: VmId): Promise<void>;
  /** A request to a disk that failed and paused the VM is tried again. */
  resumeVm(id: VmId): Promise<void>;
  /** Like the reset button. */
  resetVm(id: VmId): Promise<void>;

  /**
   * Keeps the VM as it is: with its memory while it runs, its disks when it is off. Throws, or the stream ends with
   * `snapshot-unfit`, `state-failed`, `storage-full` or `storage-failed`; failed or cancelled, it leaves the VM to go on as before.
   */
  snapshotVm(id: VmId, words?: Partial<SnapshotWords>): Promise<ReadableStream<Progress<SnapshotFacts>>>;
  /** Oldest first. */
  listSnapshots(id: VmId): Promise<SnapshotInfo[]>;
  /**
   * The VM, which is off, is again what it was: it goes on from a snapshot with memory, or has the disks of one without. What was
   * written to its disks since is forgotten, unless another snapshot keeps it. `no-such-snapshot`, `snapshot-unfit`,
   * `state-failed`, or cancelled: the disks are as before.
   */
  restoreSnapshot(id: VmId, snapshot: SnapshotId): Promise<ReadableStream<Progress<VmInfo>>>;
  /** A new VM that has the snapshot, and its disks. */
  cloneVm(id: VmId, snapshot: SnapshotId): Promise<ReadableStream<Progress<VmInfo>>>;
  /** The snapshot as a file (docs/formats/snapshot.md). */
  exportSnapshot(id: VmId, snapshot: SnapshotId): Promise<FileExport>;
  /**
   * Adds a snapshot from such a file to a VM with the same disks, which is off when it has any. `snapshot-bad`, `snapshot-unfit`,
   * `overlay-file-bad`, `overlay-foreign`, `storage-full`: nothing was changed. Whether the VM can go on from it, `listSnapshots`
   * tells.
   */
  importSnapshot(id: VmId, file: Blob): Promise<ReadableStream<Progress<SnapshotFacts>>>;
  /** Snapshots that were taken after it stay as they are. */
  deleteSnapshot(id: VmId, snapshot: SnapshotId): Promise<void>;

  openConsole(id: VmId, console: string): Promise<Console>;
  /**
   * The VM's screen, keyboard and pointer, by messages of src/model/display.ts: a full frame at once, then what changes, over any
   * number of starts of the VM. Close the port to leave.
   */
  openDisplay(id: VmId): Promise<MessagePort>;
  /** Whether the VM's sound card is heard, which it isn't at first. `capability-missing`: the browser plays nothing. */
  setSound(id: VmId, on: boolean): Promise<void>;
  /** The VM's log so far (bounded), then live lines. */
  openLog(id: VmId): Promise<ReadableStream<LogLine>>;

  /**
   * Puts a disk into a VM that runs; it is the VM's from then on. Throws `profile-invalid` for a disk that can't be put in while
   * it runs, `vm-state` where the machine has no place left.
   */
  attachDisk(id: VmId, disk: Omit<Disk, "id">, files?: Record<string, Blob>): Promise<VmInfo>;
  /** Takes a disk out of a VM that runs, when the guest lets go of it. What was written to it is forgotten. */
  detachDisk(id: VmId, disk: string): Promise<VmInfo>;
  /** Adds a network adapter to a VM that runs; without an address it gets one. Throws as `attachDisk` does. */
  attachNic(id: VmId, nic: NewNic): Promise<VmInfo>;
  /** Removes a network adapter that was added while the VM runs, when the guest lets go of it. */
  detachNic(id: VmId, nic: string): Promise<VmInfo>;
  /** Changes the CD-ROM of a VM that runs and has a drive, when the guest lets go of the one before. */
  insertMedium(id: VmId, file: DiskSource, files?: Record<string, Blob>): Promise<VmInfo>;
  /** Leaves the drive empty, when the guest lets go of what is in it. */
  ejectMedium(id: VmId): Promise<VmInfo>;

  /** A line of QEMU's human monitor, e.g. `info registers`; resolves to what it prints. */
  hmp(id: VmId, line: string): Promise<string>;
  /** A command of QMP; resolves to what it returns. Throws `command-refused` in QEMU's words. */
  qmp(id: VmId, command: string, args?: object): Promise<unknown>;
  /** The VM's QMP events so far (bounded), of all its runs, then live ones. */
  qmpEvents(id: VmId): Promise<ReadableStream<MonitorEvent>>;

  timings(id: VmId): Promise<StartTimings>;
  /** What the running engine has counted, by name (src/qemu/statistics.ts). */
  statistics(id: VmId): Promise<Record<string, number>>;

  /** The library, oldest first. After each `storage` event it may be another. */
  listImages(): Promise<ImageInfo[]>;
  createImage(blank: BlankImage): Promise<ImageInfo>;
  /**
   * Takes an image into the library; its format is told by its contents. Throws, or the stream ends with: `image-broken`,
   * `image-unsupported` (backing file, encryption, features unknown here), `file-unreadable`, `storage-full`. Cancelled, cut
   * off or failed, it leaves nothing behind.
   */
  importImage(source: ImageSource, name: string): Promise<ReadableStream<Progress<ImageInfo>>>;
  renameImage(id: ImageId, name: string): Promise<ImageInfo>;
  /** The image's file as it was imported. */
  exportImage(id: ImageId): Promise<FileExport>;
  /** Throws `image-in-use`, which says by which VMs. */
  deleteImage(id: ImageId): Promise<void>;

  /** The VM's disks in its profile's order. After each `storage` event they may be others. */
  listDisks(id: VmId): Promise<DiskInfo[]>;
  /**
   * Everything below is for the disk of a VM that is off: otherwise, and while another of them runs, it throws `disk-busy`.
   * An export holds the disk until its stream ends, is cancelled, or the client goes. `raw` decodes qcow2; `qcow2` of a raw
   * disk reads it once beforehand, to find what is zero. Throws `image-unsupported` for other formats.
   */
  exportDisk(id: VmId, disk: string, format: ExportFormat): Promise<FileExport>;
  /**
   * Replaces the disk's changes by those in the file, when all of it was read and is right. `overlay-file-bad`,
   * `overlay-foreign` (made over another image), `storage-full`: nothing was changed.
   */
  importOverlay(id: VmId, disk: string, file: Blob): Promise<ReadableStream<Progress<DiskInfo>>>;
  /** The disk begins anew, as its image is. */
  discardChanges(id: VmId, disk: string): Promise<void>;
  /** Makes an image of the disk as it is now, in the disk's format. */
  commitDisk(id: VmId, disk: string, options: CommitOptions): Promise<ReadableStream<Progress<ImageInfo>>>;
  /** Makes a persistent disk larger; `virtualSize` is a multiple of 512. What is in it, the guest has to grow. */
  resizeDisk(id: VmId, disk: string, virtualSize: number): Promise<DiskInfo>;

  storageUsage(): Promise<StorageUsage>;
}
