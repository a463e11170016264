import type { VmInfo, VmState } from "../engine/api.ts";
import type { IconName } from "./icon.tsx";

interface StateLook {
  label: string;
  icon: IconName;
  /** Role of the icon's colour in tokens.css; the label says the same in words. */
  tone: "running" | "busy" | "idle" | "error";
}

export const STATE_LOOKS: Record<VmState, StateLook> = {
  off: { label: "Off", icon: "state-off", tone: "idle" },
  starting: { label: "Starting", icon: "state-busy", tone: "busy" },
  restoring: { label: "Restoring", icon: "state-busy", tone: "busy" },
  running: { label: "Running", icon: "state-running", tone: "running" },
  paused: { label: "Paused", icon: "state-paused", tone: "idle" },
  saving: { label: "Saving", icon: "state-busy", tone: "busy" },
  "shutting-down": { label: "Shutting down", icon: "state-busy", tone: "busy" },
  stopping: { label: "Stopping", icon: "state-busy", tone: "busy" },
  crashed: { label: "Crashed", icon: "state-crashed", tone: "error" },
  failed: { label: "Failed", icon: "state-failed", tone: "error" },
};

/** Whether an engine stands behind the VM, so that Stop is what a user may want. */
export function isAlive(state: VmState): boolean {
  return state !== "off" && state !== "failed";
}

/** The sentence for `aria-live` when a VM went from one state to another; nothing where there is nothing to say. */
export function announcement(before: VmInfo | undefined, now: VmInfo): string | undefined {
  if (!before || before.state === now.state) return undefined;
  const { name } = now.profile;
  const why = now.reason ? ` ${now.reason.message}` : "";
  switch (now.state) {
    case "off":
      return `${name} is off.${why}`;
    case "starting":
      return `${name} is starting.`;
    case "restoring":
      return `${name} is being restored.`;
    case "running":
      return `${name} is running.`;
    case "paused":
      return `${name} is paused.${why}`;
    case "saving":
      return `${name} is being saved.`;
    case "shutting-down":
      return `${name} is shutting down.`;
    case "stopping":
      return `${name} is stopping.`;
    case "crashed":
      return `${name} has crashed.${why}`;
    case "failed":
      return `${name} has failed.${why}`;
  }
}
