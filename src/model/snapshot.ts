/** A snapshot: a VM's state at one moment, to come back to. Plain data; it crosses a MessagePort unchanged. */
import type { ErrorData } from "../core/errors.ts";
import type { Profile } from "./profile.ts";

export type SnapshotId = string;

/** What a user says of a snapshot. */
export interface SnapshotWords {
  name: string;
  description: string;
}

/** What a snapshot is of. Stored with it; src/host/snapshot-file.ts checks it. */
export interface SnapshotFacts extends SnapshotWords {
  id: SnapshotId;
  /** Milliseconds since 1970. */
  created: number;
  /** The snapshots that the VM had gone on from, nearest first; some may be deleted by now. */
  parents: SnapshotId[];
  /** The VM's profile then. */
  profile: Profile;
  /** The disks whose contents are in it, by their ids. Version 1 of the file had none. */
  disks?: string[];
  /** Memory and devices are in it: it runs on from here. Only an engine of this hash, with these arguments, can. */
  state?: {
    /** SHA-256 of the engine's WebAssembly, hex. */
    engine: string;
    args: string[];
    /** The end of each console's output, by its id, base64: what a screen showed. */
    consoles: Record<string, string>;
  };
}

export interface SnapshotInfo extends SnapshotFacts {
  /** Bytes that it takes: its file, and what was written to the disks since the snapshot before. */
  bytes: number;
  /** Why the VM can't go back to it now. */
  unfit?: ErrorData;
}
