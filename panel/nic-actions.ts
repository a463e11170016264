import type { NewNic, VmId, VmInfo } from "../src/engine/api.ts";
import type { Nic } from "../src/model/profile.ts";
import { changeProfile, runs } from "./hardware.ts";
import type { Panel } from "./state.ts";
import { attempt } from "./work.ts";

/** Gives the VM a further network adapter, at once when it runs. Throws. */
export async function addNic(panel: Panel, vm: VmId, nic: NewNic): Promise<void> {
  if (runs(panel, vm)) await panel.link.engine().attachNic(vm, nic);
  else await changeProfile(panel, vm, (profile) => ({ ...profile, nics: [...profile.nics, nic as Nic] }));
}

/** From a VM that runs, when the guest lets go of it. */
export async function removeNic(panel: Panel, vm: VmId, { id }: Nic): Promise<void> {
  await attempt(panel, async () => {
    if (runs(panel, vm)) return void (await panel.link.engine().detachNic(vm, id));
    await changeProfile(panel, vm, (profile) => ({ ...profile, nics: profile.nics.filter((nic) => nic.id !== id) }));
  });
}

/** Why the adapter can't be taken out now, where others can. */
export function whyHeld({ state, hotNics }: VmInfo, { id }: Nic): string | undefined {
  if (!hotNics?.includes(id)) return "Shut the VM down first: it started with this adapter.";
  return state === "paused" ? "Resume the VM first: its guest has to let go of the adapter." : undefined;
}
