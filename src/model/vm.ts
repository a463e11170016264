/** What is known of a VM while the engine lives: state, events, log. Plain data; it crosses a MessagePort unchanged. */
import type { ErrorData } from "../core/errors.ts";
import type { Profile } from "./profile.ts";

export type VmId = string;

/**
 * off: no engine runs. starting: the engine loads. running, paused: as QEMU says. stopping: asked to quit.
 * crashed: the guest panicked; its engine still stands, paused. failed: the engine could not start, or died.
 */
export type VmState = "off" | "starting" | "running" | "paused" | "stopping" | "crashed" | "failed";

export type VmAction = "start" | "stop" | "reset" | "delete";

/** Why a VM is off, crashed or failed. `powered-off` is no error: the guest, or QEMU, ended by itself. */
export type VmReason = ErrorData | { code: "powered-off"; message: string; hint: string };

export interface VmInfo {
  id: VmId;
  profile: Profile;
  state: VmState;
  /** Milliseconds since the epoch at which the VM last entered `running` from `starting`; absent while off. */
  startedAt?: number;
  /** Why the VM is off, crashed or failed: what the panel shows under its name. */
  reason?: VmReason;
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
);

export type LogSource = "engine" | "stderr" | "stdout" | "qmp";
export interface LogLine {
  /** Milliseconds since the epoch. */
  time: number;
  source: LogSource;
  text: string;
}

export interface StartTimings {
  /** Milliseconds from the call of `startVm` to the engine's `main`. */
  engineLoaded?: number;
  /** ... to the first byte on any console. */
  firstSerialByte?: number;
}
