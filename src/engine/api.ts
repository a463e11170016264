/**
 * The one door to the engine: panel, popup, scripts and tests speak this and nothing else. It crosses a MessagePort by
 * Comlink, so every method is asynchronous and every value is structured-cloneable; streams are transferred, and cancelling
 * one or closing the client's port ends the work behind it. Errors arrive as `QemuWebError` with code and hint.
 */
import type { CapabilityReport } from "../model/capability.ts";
import type { Profile } from "../model/profile.ts";
import type { EngineEvent, LogLine, StartTimings, VmId, VmInfo } from "../model/vm.ts";

export type { Capability, CapabilityReport } from "../model/capability.ts";
export type { EngineEvent, LogLine, LogSource, StartTimings, VmAction, VmId, VmInfo, VmState } from "../model/vm.ts";

export interface Console {
  /** Scroll-back first (at most 1 MiB), then live bytes as the guest writes them. A slow reader slows the guest. */
  output: ReadableStream<Uint8Array>;
  /** Bytes typed to the guest; a `write` resolves when the guest's side took them, so pasting has flow control. */
  input: WritableStream<Uint8Array>;
}

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

  /** The built-in quick VM's profile; change it and hand it to `createVm`. */
  quickProfile(): Promise<Profile>;
  /** Validates and stores a VM. `files` holds a Blob for each `FileRef` of the profile that is `from: "user"`. */
  createVm(profile: Profile, files?: Record<string, Blob>): Promise<VmInfo>;
  deleteVm(id: VmId): Promise<void>;

  startVm(id: VmId): Promise<void>;
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

  openConsole(id: VmId, console: string): Promise<Console>;
  /** The VM's log so far (bounded), then live lines. */
  openLog(id: VmId): Promise<ReadableStream<LogLine>>;
  timings(id: VmId): Promise<StartTimings>;
}
