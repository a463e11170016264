/**
 * The one door to the engine: panel, popup, scripts and tests speak this and nothing else. It crosses a MessagePort by
 * Comlink, so every method is asynchronous and every value is structured-cloneable; streams are transferred, and cancelling
 * one or closing the client's port ends the work behind it. Errors arrive as `QemuWebError` with code and hint.
 */
import type { ErrorData } from "../core/errors.ts";
import type { Profile } from "../model/profile.ts";

export type VmId = string;

/**
 * off: no engine runs. starting: the engine loads. running, paused: as QEMU says. stopping: asked to quit.
 * crashed: the guest panicked; its engine still stands, paused. failed: the engine could not start, or died.
 */
export type VmState = "off" | "starting" | "running" | "paused" | "stopping" | "crashed" | "failed";

export type VmAction = "start" | "stop" | "reset" | "delete";

export interface VmInfo {
  id: VmId;
  profile: Profile;
  state: VmState;
  /** Milliseconds since the epoch at which the VM last entered `running` from `starting`; absent while off. */
  startedAt?: number;
  /** Why the VM is off, crashed or failed: what the panel shows under its name. */
  reason?: ErrorData | { code: "powered-off"; message: string; hint: string };
  /** Of each action that doesn't apply now, the reason in one sentence; an action that isn't a key may be called. */
  disabled: Partial<Record<VmAction, string>>;
  /** Ids of the consoles that `openConsole` knows: one per serial port of the profile. */
  consoles: string[];
  /** The exact QEMU command line of the last start. */
  commandLine?: string[];
}

/** What happened, numbered without gaps per engine: a panel that opens again asks for everything after the last it saw. */
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

export interface Console {
  /** Scroll-back first (at most 1 MiB), then live bytes as the guest writes them. A slow reader slows the guest. */
  output: ReadableStream<Uint8Array>;
  /** Bytes typed to the guest; a `write` resolves when the guest's side took them, so pasting has flow control. */
  input: WritableStream<Uint8Array>;
}

export interface Capability {
  id: string;
  label: string;
  /** `yes`, `no`, or a figure, ready to be shown. */
  value: string;
  ok: boolean;
  required: boolean;
  /** For what is missing: what to do. */
  hint?: string;
}

export interface CapabilityReport {
  /** True when every required capability is there. */
  ok: boolean;
  items: Capability[];
  engine?: { qemu: string; machines: string[]; devices: string[]; firmware: string[] };
}

export interface StartTimings {
  /** Milliseconds from the call of `startVm` to the engine's `main`. */
  engineLoaded?: number;
  /** ... to the first byte on any console. */
  firstSerialByte?: number;
}

export interface EngineApi {
  /** Says who the client is; the client holds a Web Lock of this name for as long as it lives (see client.ts). */
  hello(clientLock: string): Promise<{ version: string }>;
  capabilities(): Promise<CapabilityReport>;

  listVms(): Promise<VmInfo[]>;
  /** Everything after event `since` (0: a `vm` event for each VM, then what follows). */
  events(since?: number): Promise<ReadableStream<EngineEvent>>;

  /** The built-in quick VM's profile; change it and hand it to `createVm`. */
  quickProfile(): Promise<Profile>;
  /** Validates and stores a VM. `files` holds a Blob for each `FileRef` of the profile that is `from: "user"`. */
  createVm(profile: Profile, files?: Record<string, Blob>): Promise<VmInfo>;
  deleteVm(id: VmId): Promise<void>;

  startVm(id: VmId): Promise<void>;
  /** Forced: like pulling the plug. */
  stopVm(id: VmId): Promise<void>;
  resetVm(id: VmId): Promise<void>;

  openConsole(id: VmId, console: string): Promise<Console>;
  /** The VM's log so far (bounded), then live lines. */
  openLog(id: VmId): Promise<ReadableStream<LogLine>>;
  timings(id: VmId): Promise<StartTimings>;
}
