import type { ErrorData } from "../core/errors.ts";
import type { Profile } from "../model/profile.ts";
import type { SnapshotFacts } from "../model/snapshot.ts";

/** What a VM would be started as. */
export interface StartFacts {
  profile: Profile;
  /** SHA-256 of the engine's WebAssembly, hex. */
  engine: string;
  args: string[];
}

/** Why a VM that would start so can't go on from the snapshot's state; undefined when it can. */
export function misfit(snapshot: SnapshotFacts, start: StartFacts): ErrorData | undefined {
  const { state } = snapshot;
  if (!state) return unfit("holds the disks alone", "Start the VM from its disks.");
  if (state.engine !== start.engine) {
    return unfit("was taken with another version of QemuWeb", "Use that version, or start the VM from its disks.");
  }
  if (!same(state.args, start.args) || !same(unnamed(snapshot.profile), unnamed(start.profile))) {
    return unfit(
      "is of a machine that was changed since",
      "Give the VM the same hardware again, or start it from its disks.",
    );
  }
  return undefined;
}

/** A VM's name is nothing to its guest. */
function unnamed(profile: Profile): Profile {
  return { ...profile, name: "" };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function unfit(why: string, hint: string): ErrorData {
  return { code: "snapshot-unfit", message: `The snapshot ${why}.`, hint };
}
