import { basename } from "node:path";
import type { Profile } from "../../src/model/profile.ts";
import type { EnginePage } from "../../tools/lib/engine-page.ts";
import type { Guest } from "../../tools/lib/guest.ts";

/** A quick VM with another initramfs of this machine, started. */
export async function quickVmWith(engine: EnginePage, initramfs: string, changes: Partial<Profile>): Promise<Guest> {
  const profile = await engine.quickProfile();
  if (!profile.boot) throw new Error("The quick VM boots no kernel.");
  const name = basename(initramfs);
  const boot = { ...profile.boot, initrd: { from: "user", name } as const };
  const guest = await engine.create({ ...profile, boot, ...changes }, { [name]: initramfs });
  await guest.start();
  return guest;
}
