/** Options' steps as the ordered list of what the runner does. */
import type { Step } from "./options.ts";

export type Action = { wait: "text"; text: string } | { wait: "prompt" } | { wait: "output" } | { type: string };

/**
 * A `--type` types once the `--until` before it was met. With the quick VM, one without an `--until` before it waits for the
 * shell's prompt; with another guest, whose prompt nobody knows, a first one waits for the first output.
 */
export function planScript(steps: readonly Step[], guest: "quick" | "own"): Action[] {
  const actions: Action[] = [];
  let before: Step | undefined;
  for (const step of steps) {
    if ("until" in step) actions.push({ wait: "text", text: step.until });
    else {
      const met = before !== undefined && "until" in before;
      if (!met && guest === "quick") actions.push({ wait: "prompt" });
      if (!before && guest === "own") actions.push({ wait: "output" });
      actions.push({ type: step.type });
    }
    before = step;
  }
  return actions;
}

/** Whether the runner ends with the last step, rather than with the VM. */
export function endsByItself(steps: readonly Step[]): boolean {
  const last = steps.at(-1);
  return last !== undefined && "until" in last;
}
