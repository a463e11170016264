import type { ErrorData } from "../core/errors.ts";
import type { VmAction, VmReason, VmState } from "../model/vm.ts";
import type { WatchdogAction } from "../qemu/qmp/schema.ts";

/** A VM's state as the panel shows it. Pure data; `next` is the only way from one to another. */
export interface VmStatus {
  state: VmState;
  startedAt?: number;
  reboots?: number;
  reason?: VmReason;
}

/** What a user asks for, what QEMU tells, and what becomes of the Worker. */
export type VmInput =
  | { type: "start" }
  /** There is a saved state that the guest will go on from. */
  | { type: "restoring" }
  | { type: "stop" }
  | { type: "saving" }
  /** It was saved, or that failed; the guest goes on, or stays paused. */
  | { type: "saved"; running: boolean }
  /** The guest was asked to shut down: by its agent, or the power button was pressed. */
  | { type: "shutdown" }
  /** A while after that, and it still runs. */
  | { type: "not-reacting" }
  | { type: "running"; at: number }
  | { type: "paused" }
  /** QEMU paused because a request to a disk failed; again, with better words, when more is known. */
  | { type: "disk-stopped"; reason: VmReason }
  /** The machine was reset, by us or by the guest: a panic is over. */
  | { type: "reset"; byGuest: boolean }
  | { type: "watchdog"; action: WatchdogAction }
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
const NOT_REACTING: VmReason = {
  code: "not-reacting",
  message: "The guest was asked to shut down and still runs.",
  hint: "Give it time, shut it down from its console, or force it off.",
};
const HUNG: VmReason = {
  code: "watchdog",
  message: "The guest hung: its watchdog expired.",
  hint: "Look at its console for the cause; reset it, or resume it.",
};
const HUNG_AND_OFF: VmReason = {
  code: "watchdog",
  message: "The guest hung: its watchdog turned it off.",
  hint: "Look at its console for the cause, and start it again.",
};

const AWAKE: ReadonlySet<VmState> = new Set(["starting", "restoring", "running", "shutting-down"]);

/** The status after `input`; the very same object when the input changes nothing. */
export function next(now: VmStatus, input: VmInput): VmStatus {
  const alive = now.state !== "off" && now.state !== "failed";
  switch (input.type) {
    case "start":
      // What was to be restored may boot instead.
      if (alive && now.state !== "crashed" && now.state !== "restoring") return now;
      return { state: "starting" };
    case "restoring":
      return now.state === "starting" ? { state: "restoring" } : now;
    case "stop":
      return alive && now.state !== "stopping" ? { ...run(now), state: "stopping" } : now;
    case "saving":
      return now.state === "running" || now.state === "paused" ? { ...run(now), state: "saving" } : now;
    case "saved":
      return now.state === "saving" ? { ...run(now), state: input.running ? "running" : "paused" } : now;
    case "shutdown":
      if (now.state === "shutting-down" && now.reason === undefined) return now;
      return now.state === "running" || now.state === "shutting-down" ? { ...run(now), state: "shutting-down" } : now;
    case "not-reacting":
      return now.state === "shutting-down" ? { ...now, reason: NOT_REACTING } : now;
    case "running":
      if (now.state === "starting" || now.state === "restoring") return { state: "running", startedAt: input.at };
      return now.state === "paused" || now.state === "crashed" ? { ...run(now), state: "running" } : now;
    case "paused":
      // A panic pauses too: `crashed` says more.
      return AWAKE.has(now.state) ? { ...run(now), state: "paused" } : now;
    case "disk-stopped":
      return now.state === "paused" ? { ...now, reason: input.reason } : now;
    case "reset":
      return reset(now, input.byGuest);
    case "watchdog":
      return watchdog(now, input.action);
    case "guest-shutdown":
      return alive && now.state !== "stopping" ? { ...run(now), state: "stopping", reason: POWERED_OFF } : now;
    case "panicked":
      if (!alive || now.state === "stopping") return now;
      if (now.state === "crashed" && input.detail === undefined) return now;
      return { ...run(now), state: "crashed", reason: panic(input.detail) };
    case "exited":
      return exited(now, input);
    case "failed":
      if (!alive) return now;
      return now.state === "stopping" ? stopped(now) : { state: "failed", reason: input.error };
  }
}

/** A guest that reboots does not shut down any more. */
function reset(now: VmStatus, byGuest: boolean): VmStatus {
  const { state } = now;
  if (state === "off" || state === "failed" || state === "stopping") return now;
  const after: VmState = state === "crashed" || state === "shutting-down" ? "running" : state;
  if (!byGuest) return after === state ? now : { ...run(now), state: after };
  return { ...run(now), reboots: (now.reboots ?? 0) + 1, state: after };
}

/** What else the watchdog may be set to do is told by events of its own. */
function watchdog(now: VmStatus, action: WatchdogAction): VmStatus {
  if (now.state !== "running" && now.state !== "shutting-down") return now;
  if (action === "pause") return { ...run(now), state: "paused", reason: HUNG };
  return action === "poweroff" ? { ...run(now), state: "stopping", reason: HUNG_AND_OFF } : now;
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

/** What lasts as long as the engine runs. */
function run({ startedAt, reboots }: VmStatus): Pick<VmStatus, "startedAt" | "reboots"> {
  return { ...(startedAt !== undefined && { startedAt }), ...(reboots !== undefined && { reboots }) };
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
  const notOff = { delete: "Turn the VM off first." };
  const all = (why: string) => ({ shutdown: why, pause: why, resume: why, snapshot: why });
  switch (state) {
    case "off":
    case "failed":
      return { ...all("The VM is off."), stop: "The VM is off.", reset: "The VM is off." };
    case "starting":
    case "restoring":
      return {
        ...all("The VM is still starting."),
        start: "The VM is starting.",
        reset: "The VM is still starting.",
        ...notOff,
      };
    case "running":
      return { start: "The VM is running.", resume: "The VM is running.", ...notOff };
    case "paused":
      return {
        start: "The VM is paused: resume it.",
        shutdown: "The VM is paused: resume it first, or force it off.",
        pause: "The VM is paused.",
        ...notOff,
      };
    case "saving": {
      const why = "The VM's state is being saved.";
      return { ...all(why), start: why, reset: why, ...notOff };
    }
    case "shutting-down": {
      const why = "The VM is shutting down.";
      return { start: why, pause: why, resume: why, snapshot: why, ...notOff };
    }
    case "stopping": {
      const why = "The VM is stopping.";
      return { ...all(why), start: why, stop: why, reset: why, delete: why };
    }
    case "crashed":
      return { ...all("The guest has crashed: reset the VM, or force it off."), ...notOff };
  }
}
