import { parseProfile } from "./parse-profile.ts";
import type { Profile } from "./profile.ts";

/** What a profile has to know of the guest that ships with the extension (qemu-wasm/guests). */
export interface BuiltinGuest {
  kernel: string;
  initrd: string;
  append: string;
}

/** Linux x86_64 serial: the quick VM. */
export function quickProfile(guest: BuiltinGuest): Profile {
  const file = (name: string) => ({ from: "guest", guest: "quick", name }) as const;
  return parseProfile({
    name: "Quick VM",
    machine: "q35",
    memory: 512,
    boot: { kernel: file(guest.kernel), initrd: file(guest.initrd), append: guest.append },
  });
}
