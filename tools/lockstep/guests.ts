/** Guests without input, clock or network of the host's: they run the same wherever they run. */
import { basename, join } from "node:path";
import { buildGuests } from "../../qemu-wasm/guests/build.ts";
import { conformanceInitramfs } from "../../qemu-wasm/guests/conformance.ts";
import { quick } from "../../qemu-wasm/guests/quick.ts";
import { quickProfile } from "../../src/model/builtin.ts";
import type { Profile } from "../../src/model/profile.ts";
import type { NativeFiles } from "../bench/native.ts";

export interface LockstepGuest {
  profile: Profile;
  /** For the extension: files of the profile that aren't built in. */
  files: Record<string, string>;
  /** The same for native QEMU. */
  native: NativeFiles;
  /** Its console has this when all went well. */
  end: string;
  /** Instructions by which it is at its end, and more. */
  until: number;
}

/** The quick VM with little memory, since all of it is read at each point, and no device that works beside the vCPU. */
const profile: Profile = { ...quickProfile({ ...quick, memoryMiB: 128 }), name: "Lockstep", rng: false, agent: false };

/** From the firmware's first instruction to the shell's prompt. */
export async function bootGuest(): Promise<LockstepGuest> {
  const folder = await buildGuests();
  const native = { kernel: join(folder, quick.kernel), initrd: join(folder, quick.initrd) };
  return { profile, files: {}, native, end: quick.prompt, until: 100_000_000 };
}

/** The conformance program (qemu-wasm/guests/conformance), so many rounds, then off. */
export async function mixGuest(rounds: number): Promise<LockstepGuest> {
  const boot = await bootGuest();
  if (!profile.boot) throw new Error("The quick VM boots no kernel.");
  const initrd = await conformanceInitramfs();
  const name = basename(initrd);
  const append = `${profile.boot.append} rdinit=/bin/sh -- -c "mix ${rounds}; busybox poweroff -f"`;
  return {
    profile: { ...profile, boot: { ...profile.boot, initrd: { from: "user", name }, append } },
    files: { [name]: initrd },
    native: { ...boot.native, initrd },
    end: "conformance-end",
    until: Number.POSITIVE_INFINITY,
  };
}
