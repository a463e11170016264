import { parseProfile } from "./parse-profile.ts";
import type { Profile } from "./profile.ts";

/** What a profile has to know of the guest that ships with the extension (qemu-wasm/guests/quick.ts). */
export interface BuiltinGuest {
  cpu: string;
  memoryMiB: number;
  /** Paths below the guests' folder: `quick/...`. */
  kernel: string;
  initrd: string;
  commandLine: string;
  /** What the kernel has to be told where QEMU shows it no cycle counter of the host's: in the browser. */
  commandLineWithoutHostTsc: string;
}

/** Linux x86_64: the quick VM. With a display it has a console on that, too. */
export function quickProfile(guest: BuiltinGuest, display = false): Profile {
  const file = (path: string) => ({ from: "guest", guest: "quick", name: path.replace(/^quick\//, "") }) as const;
  return parseProfile({
    name: "Quick VM",
    machine: "q35",
    hpet: false,
    cpu: guest.cpu,
    memory: guest.memoryMiB,
    display: display ? "virtio" : "none",
    boot: {
      kernel: file(guest.kernel),
      initrd: file(guest.initrd),
      append: `${display ? "console=tty0 " : ""}${guest.commandLine} ${guest.commandLineWithoutHostTsc}`,
    },
  });
}
