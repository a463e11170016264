/** What crosses between the host (offscreen document) and a VM's Worker. Plain data; nothing else is exchanged. */
import type { DiskSpec } from "../src/block/disk-image.ts";
import type { ErrorData } from "../src/core/errors.ts";

/** A file that QEMU sees at `path`, copied into memory: its bytes, or where the Worker fetches them. */
export type GuestFile = { path: string } & ({ content: Uint8Array } | { url: string });

export interface StartMessage {
  type: "start";
  /** URL of the engine's JavaScript (checked against versions.json before). */
  script: string;
  module: WebAssembly.Module;
  /** QEMU's arguments without the program name. */
  args: string[];
  files: GuestFile[];
  /** Those whose bytes the Worker serves to QEMU (`file.driver=web,file.device=DISK`). */
  disks: DiskSpec[];
  /** Shared memory to create, bytes: guest RAM plus the engine's own. */
  memoryBytes: number;
  /** What QEMU, started with `-incoming defer`, is given when it is told to: a VM's state as `saving` gave it. */
  state?: Blob;
}

export type ToWorker =
  | StartMessage
  /** Opens a disk, for QEMU to find it by its id. Answered by `disk-changed`. */
  | { type: "add-disk"; disk: DiskSpec }
  /** QEMU has let go of a disk: stores what is left, and closes it. Answered by `disk-changed`. */
  | { type: "remove-disk"; disk: string }
  /** Keeps what the disks are now for a snapshot; nothing is written to them meanwhile. Answered by `disks-frozen`. */
  | { type: "freeze-disks"; snapshot: string };

export type FromWorker =
  /** The shared memory could not be had. */
  | { type: "memory-refused"; bytes: number; message: string }
  /** QEMU's main is about to run. */
  | { type: "started"; memory: SharedArrayBuffer }
  /** A disk or a file could not be opened: nothing was started. */
  | { type: "refused"; error: ErrorData }
  /** A disk was added or removed; or it was not, and why. */
  | { type: "disk-changed"; disk: string; error?: ErrorData }
  | { type: "disks-frozen"; error?: ErrorData }
  /** A request to a disk failed. */
  | { type: "disk-failed"; disk: string; error: ErrorData }
  /** QEMU opened a `-chardev` of ours: where its two rings lie (see src/qemu/chardev.ts). */
  | { type: "chardev"; id: string; address: number }
  /** QEMU opened `-display web`: where its shared words lie (see src/display/display.ts). */
  | { type: "display"; address: number }
  /** QEMU opened `-audiodev web`: where its shared words lie (see src/audio/playout.ts). */
  | { type: "audio"; address: number }
  /** QEMU has begun to migrate: its state, gzip, which ends when QEMU closes it. */
  | { type: "saving"; state: ReadableStream<Uint8Array<ArrayBuffer>> }
  /** How many bytes of the state that it was started with are read. */
  | { type: "restoring"; bytes: number }
  | { type: "output"; source: "stdout" | "stderr"; text: string }
  | { type: "exit"; status: number }
  /** The engine trapped, or JavaScript threw: no QEMU is left. */
  | { type: "abort"; message: string };
