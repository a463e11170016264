/** What crosses between the host (offscreen document) and a VM's Worker. Plain data; nothing else is exchanged. */

/** A file that QEMU sees at `path`: bytes are copied into memory, a Blob is mounted and read on demand (disks). */
export interface GuestFile {
  path: string;
  content: Uint8Array | Blob;
}

export interface StartMessage {
  type: "start";
  /** URL of the engine's JavaScript (checked against versions.json before). */
  script: string;
  module: WebAssembly.Module;
  /** QEMU's arguments without the program name. */
  args: string[];
  files: GuestFile[];
  /** Shared memory to create, bytes: guest RAM plus the engine's own. */
  memoryBytes: number;
}

export type ToWorker = StartMessage;

export type FromWorker =
  /** The shared memory could not be had. */
  | { type: "memory-refused"; bytes: number; message: string }
  /** QEMU's main is about to run. */
  | { type: "started"; memory: SharedArrayBuffer }
  /** QEMU opened a `-chardev` of ours: where its two rings lie (see src/qemu/chardev.ts). */
  | { type: "chardev"; id: string; address: number }
  | { type: "output"; source: "stdout" | "stderr"; text: string }
  | { type: "exit"; status: number }
  /** The engine trapped, or JavaScript threw: no QEMU is left. */
  | { type: "abort"; message: string };
