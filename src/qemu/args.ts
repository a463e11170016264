import type { Profile } from "../model/profile.ts";
import { consoles, monitor } from "./args/consoles.ts";
import { disks } from "./args/disks.ts";
import { display } from "./args/display.ts";
import { hotPlugPorts } from "./args/hot-plug.ts";
import { directBoot, machine } from "./args/machine.ts";
import { nics } from "./args/nics.ts";
import { type EngineBuild, type NeededDisk, type NeededFile, Plan } from "./args/plan.ts";
import { sound } from "./args/sound.ts";

export { CDROM_DEVICE, CDROM_ID } from "./args/disks.ts";
export { hotPlugBuses } from "./args/hot-plug.ts";
export { hotNic, NO_NETWORK } from "./args/nics.ts";
export type { EngineBuild, NeededDisk, NeededFile } from "./args/plan.ts";

/** Where the Worker puts the firmware that ships with the engine. */
export const FIRMWARE_DIR = "/firmware";

export interface CommandLine {
  /** QEMU's arguments without the program name. */
  args: string[];
  files: NeededFile[];
  disks: NeededDisk[];
}

/** A profile as QEMU's command line. Throws `profile-invalid` for what this build cannot do. */
export function commandLine(profile: Profile, build: EngineBuild): CommandLine {
  const plan = new Plan(build, profile.machine);
  const args = [
    ...["-nodefaults", "-no-user-config", "-L", FIRMWARE_DIR],
    ...machine(profile, plan),
    ...consoles(profile, plan),
    ...display(profile, plan),
    ...sound(profile, plan),
    ...monitor(),
    ...["-action", "panic=pause,reboot=reset,shutdown=poweroff"],
    ...ownDevices(plan),
    ...entropy(profile, plan),
    ...disks(profile, plan),
    ...nics(profile, plan),
    ...hotPlugPorts(profile.machine),
    ...directBoot(profile, plan),
    ...profile.extraArgs,
  ];
  return { args, files: plan.files, disks: plan.disks };
}

/**
 * Ours, not the user's wish: a build without them still boots. Panics are then told by the console's text, and a guest that goes on
 * from a saved state isn't told to seed its random numbers anew.
 */
function ownDevices(plan: Plan): string[] {
  const known = (name: string) => plan.pci && plan.build.devices.includes(name);
  return [
    ...(known("pvpanic-pci") ? plan.device("pvpanic-pci") : []),
    ...(known("vmgenid") ? plan.device("vmgenid", { guid: "auto" }) : []),
  ];
}

function entropy(profile: Profile, plan: Plan): string[] {
  if (!profile.rng) return [];
  return ["-object", "rng-builtin,id=rng0", ...plan.virtio("virtio-rng", { rng: "rng0" })];
}
