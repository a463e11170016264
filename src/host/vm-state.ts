import type { ErrorData } from "../core/errors.ts";
import type { VmAction, VmReason, VmState } from "../model/vm.ts";

/** A VM's state as the panel shows it. Pure data; `next` is the only way from one to another. */
export interface VmStatus {
  state: VmState;
  startedAt?: number;
  reason?: VmReason;
}

/** What a user asks for, what QEMU tells, and what becomes of the Worker. */
export type VmInput =
  | { type: "start" }
  | { type: "stop" }
  | { type: "running"; at: number }
  | { type: "paused" }
  /** The machine was reset, by us or by the guest: a panic is over. */
  | { type: "reset" }
  | { type: "guest-shutdown" }
  /** `detail`: the kernel's own words, when a console showed them. */
  | { type: "panicked"; detail?: string }
  | { type: "exited"; status: number; lastLine?: string }
  /** The engine could not start, or its Worker died. */
  | { type: "failed"; error: ErrorData };

export const OFF: VmStatus = { state: "off" };

const POWERED_OFF: VmReason = {
  code: "powered-off",
  message: "The guest powered off.",
  hint: "Start it again when you need it.",
};
const ENDED: VmReason = {
  code: "powered-off",
  message: "QEMU ended by itself.",
  hint: "If that was not wanted, look at the Log tab for what it said last.",
};

/** The status after `input`; the very same object when the input changes nothing. */
export function next(now: VmStatus, input: VmInput): VmStatus {
  const alive = now.state !== "off" && now.state !== "failed";
  switch (input.type) {
    case "start":
      return alive && now.state !== "crashed" ? now : { state: "starting" };
    case "stop":
      return alive && now.state !== "stopping" ? { ...started(now), state: "stopping" } : now;
    case "running":
      if (now.state === "starting") return { state: "running", startedAt: input.at };
      return now.state === "paused" || now.state === "crashed" ? { ...started(now), state: "running" } : now;
    case "paused":
      // A panic pauses too: `crashed` says more.
      return now.state === "starting" || now.state === "running" ? { ...started(now), state: "paused" } : now;
    case "reset":
      return now.state === "crashed" ? { ...started(now), state: "running" } : now;
    case "guest-shutdown":
      return alive && now.state !== "stopping" ? { ...started(now), state: "stopping", reason: POWERED_OFF } : now;
    case "panicked":
      if (!alive || now.state === "stopping") return now;
      if (now.state === "crashed" && input.detail === undefined) return now;
      return { ...started(now), state: "crashed", reason: panic(input.detail) };
    case "exited":
      return exited(now, input);
    case "failed":
      if (!alive) return now;
      return now.state === "stopping" ? stopped(now) : { state: "failed", reason: input.error };
  }
}

function exited(now: VmStatus, { status, lastLine }: { status: number; lastLine?: string }): VmStatus {
  switch (now.state) {
    case "off":
    case "failed":
      return now;
    case "stopping":
      return stopped(now);
    case "crashed":
      return now.reason ? { state: "failed", reason: now.reason } : { state: "failed" };
    default:
      return status === 0 ? { state: "off", reason: ENDED } : { state: "failed", reason: badExit(status, lastLine) };
  }
}

function started(now: VmStatus): { startedAt?: number } {
  return now.startedAt === undefined ? {} : { startedAt: now.startedAt };
}

function stopped(now: VmStatus): VmStatus {
  return now.reason ? { state: "off", reason: now.reason } : OFF;
}

function panic(detail?: string): ErrorData {
  return {
    code: "guest-panicked",
    message: detail ? `The guest's kernel panicked: ${detail.replace(/\.$/, "")}.` : "The guest's kernel panicked.",
    hint: "Read the console for the cause; reset the VM, or stop it and change its kernel, disk or command line.",
  };
}

function badExit(status: number, lastLine?: string): ErrorData {
  return {
    code: "qemu-exited",
    message: `QEMU ended with status ${status}${lastLine ? `: ${lastLine.replace(/\.$/, "")}` : ""}.`,
    hint: "Look at the Log tab, and at the VM's extra arguments.",
  };
}

/** Of each action that doesn't apply in `state`, why. */
export function disabledActions(state: VmState): Partial<Record<VmAction, string>> {
  switch (state) {
    case "off":
    case "failed":
      return { stop: "The VM is off.", reset: "The VM is off." };
    case "starting":
      return { start: "The VM is starting.", reset: "The VM is still starting.", delete: "Stop the VM first." };
    case "running":
    case "paused":
      return { start: "The VM is running.", delete: "Stop the VM first." };
    case "stopping": {
      const why = "The VM is stopping.";
      return { start: why, stop: why, reset: why, delete: why };
    }
    case "crashed":
      return { delete: "Stop the VM first." };
  }
}
