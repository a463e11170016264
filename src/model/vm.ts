/** What is known of a VM while the engine lives: state, events, log. Plain data; it crosses a MessagePort unchanged. */
import type { ErrorData } from "../core/errors.ts";
import type { Profile } from "./profile.ts";
import type { SnapshotId } from "./snapshot.ts";

export type VmId = string;

/**
 * off: no engine runs. starting: the engine loads. restoring: the same, and the guest goes on from a saved state. running, paused: as QEMU says. shutting-down: the guest was asked to.
 * saving: its state is being saved; it runs for most of that. stopping: the guest is off, or was forced to be, and QEMU ends. crashed: the guest panicked; its engine still stands, paused.
 * failed: the engine could not start, or died.
 */
export type VmState =
  | "off"
  | "starting"
  | "restoring"
  | "running"
  | "paused"
  | "saving"
  | "shutting-down"
  | "stopping"
  | "crashed"
  | "failed";

/** `shutdown` asks the guest, `stop` pulls the plug. */
export type VmAction = "start" | "shutdown" | "stop" | "pause" | "resume" | "reset" | "snapshot" | "delete";

/**
 * Why a VM is in its state, where that isn't the user's own doing: an error, or
 * - powered-off: the guest, or QEMU, ended by itself
 * - not-reacting: the guest was asked to shut down some time ago
 * - disk-stopped: a request to a disk failed; the VM waits for the user, and resuming tries again
 * - watchdog: the guest hung, as its watchdog found
 */
export type VmReason =
  | ErrorData
  | { code: "powered-off" | "not-reacting" | "disk-stopped" | "watchdog"; message: string; hint: string };

export interface VmInfo {
  id: VmId;
  profile: Profile;
  state: VmState;
  /** Milliseconds since the epoch at which the VM last entered `running` from `starting`; absent while off. */
  startedAt?: number;
  /** What the panel shows under the VM's name. */
  reason?: VmReason;
  /** How often the guest has rebooted since the start; absent while off. */
  reboots?: number;
  /** The guest's agent (qemu-ga) has opened its port; absent while off, or without such a port. */
  agent?: boolean;
  /** The snapshot that the VM, as it is, goes back to: the guest that runs, or the disks of one that is off. */
  snapshot?: SnapshotId;
  /** It runs without saving changes: what is written to its disks is forgotten at power-off. */
  disposable?: boolean;
  /** Network adapters that were added while it runs: only they can be removed while it does. */
  hotNics?: string[];
  /** Whether its sound card is heard; absent without one. */
  sound?: boolean;
  /** Of each action that doesn't apply now, the reason in one sentence; an action that isn't a key may be called. */
  disabled: Partial<Record<VmAction, string>>;
  /** Ids of the consoles that `openConsole` knows: one per serial port of the profile. */
  consoles: string[];
  /** The exact QEMU command line of the last start. */
  commandLine?: string[];
}

/**
 * What happened, numbered without gaps per engine: a panel that opens again asks for everything after the last it saw.
 * A late or slow reader gets, of several events about one VM, only the newest: it stands for those before.
 */
export type EngineEvent = { seq: number } & (
  | { type: "vm"; vm: VmInfo } // created, or anything in its info changed
  | { type: "vm-deleted"; id: VmId }
  | { type: "storage" } // images or disks changed: whoever shows them asks again
);

export type LogSource = "engine" | "stderr" | "stdout" | "qmp";
export interface LogLine {
  /** Milliseconds since the epoch. */
  time: number;
  source: LogSource;
  text: string;
}

/** What QEMU tells by itself, as it said it (docs/interop/qmp-spec.rst). */
export interface MonitorEvent {
  event: string;
  data?: object | undefined;
  timestamp: { seconds: number; microseconds: number };
}

export interface StartOptions {
  /** What is written to the disks, all of them, is forgotten at power-off. */
  disposable?: boolean;
  /** Boot even a guest that could go on from a state that ships with it. */
  boot?: boolean;
}

export interface StartTimings {
  /** Milliseconds from the call of `startVm` to the engine's `main`. */
  engineLoaded?: number;
  /** ... to the first byte on any console. */
  firstSerialByte?: number;
}
