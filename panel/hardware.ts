import { QemuWebError } from "../src/core/errors.ts";
import type { VmInfo } from "../src/engine/api.ts";
import type { Profile } from "../src/model/profile.ts";
import { isAlive } from "../src/ui/vm-state.ts";
import { findVm } from "../src/ui/vms.ts";
import type { Panel } from "./state.ts";

/** Why the hardware that a VM starts with can't be changed now. */
export function whyLocked({ state }: VmInfo): string | undefined {
  return isAlive(state) ? "Shut the VM down first." : undefined;
}

/** Why no device can be put in or taken out now. */
export function whyFixed({ state, profile }: VmInfo): string | undefined {
  if (!isAlive(state)) return undefined;
  if (profile.machine === "microvm") return "Shut the VM down first: a microvm takes no devices while it runs.";
  if (state === "running" || state === "paused") return undefined;
  return state === "crashed" ? "Stop the VM first." : "Wait until the VM runs or is off.";
}

/** Whether devices are put in and taken out under the guest's eyes. */
export function runs(panel: Panel, vm: VmInfo["id"]): boolean {
  const info = findVm(panel.link.store.get(), vm);
  return info !== undefined && isAlive(info.state);
}

/** Stores a change of the VM's profile as it is now: work that took a while must not bring an old one back. */
export async function changeProfile(
  panel: Panel,
  vm: VmInfo["id"],
  change: (profile: Profile) => Profile,
): Promise<void> {
  const info = findVm(panel.link.store.get(), vm);
  if (!info) throw new QemuWebError("no-such-vm", "The VM is no longer there.", "Select another one.");
  await panel.link.engine().updateVm(vm, change(info.profile));
}
