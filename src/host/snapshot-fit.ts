import type { ErrorData } from "../core/errors.ts";
import type { Disk, Profile } from "../model/profile.ts";
import type { SnapshotFacts } from "../model/snapshot.ts";

/** What a VM would be started as. */
export interface StartFacts {
  profile: Profile;
  /** SHA-256 of the engine's WebAssembly, hex. */
  engine: string;
  args: string[];
}

/** Why a VM that would start so can't go back to the snapshot; undefined when it can. */
export function misfit(snapshot: SnapshotFacts, start: StartFacts): ErrorData | undefined {
  const { state, disks = [] } = snapshot;
  if (state && state.engine !== start.engine) {
    return unfit("was taken with another version of QemuWeb", disksInstead(disks, "Use that version"));
  }
  if (disks.some((id) => !hasDisk(start.profile, snapshot.profile, id))) {
    return unfit("is of a disk that the VM has no more", "Clone a VM from it.");
  }
  const same =
    equal(state?.args, start.args) && equal(hardware(snapshot.profile, disks), hardware(start.profile, disks));
  if (state && !same) {
    return unfit("is of a machine that was changed since", disksInstead(disks, "Give the VM the same hardware again"));
  }
  return undefined;
}

/** The disk is still there: an image that is another is a disk with another id. Of VMs in two browsers that differs. */
function hasDisk(now: Profile, then: Profile, id: string): boolean {
  const find = ({ disks }: Profile) => disks.find((disk) => disk.id === id);
  return find(now) !== undefined && find(now)?.format === find(then)?.format;
}

function disksInstead(disks: string[], hint: string): string {
  return disks.length === 0 ? `${hint}, or start the VM from its disks.` : `${hint}, or clone a VM from it.`;
}

/** What the guest sees: a VM's name is nothing to it, nor where the image of a disk is whose contents are in the snapshot. */
function hardware(profile: Profile, kept: string[]): object {
  const disks = profile.disks.map(({ file, ...disk }: Disk) => (kept.includes(disk.id) ? disk : { ...disk, file }));
  return { ...profile, name: "", disks };
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function unfit(why: string, hint: string): ErrorData {
  return { code: "snapshot-unfit", message: `The snapshot ${why}.`, hint };
}
