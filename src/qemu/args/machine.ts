import type { Profile } from "../../model/profile.ts";
import { options, type Plan, refuseProfile } from "./plan.ts";
import { SOUND } from "./sound.ts";

/**
 * QEMU's translation buffer for a VM with `ram` MiB, MiB; it takes what the guest's code fills of it. Its own choice on a 64-bit
 * host is 1 GiB, which would be taken from the memory that guest RAM lives in. When it is full all is translated and compiled
 * anew: gcc needs more than 128 (docs/decisions/0005).
 */
export function translationBuffer(ram: number): number {
  return Math.min(256, Math.max(64, Math.floor(ram / 2)));
}

/** Several CPUs have a thread each, unless the engine knows that this is slower on the host (docs/decisions/0005). */
function accelerator(profile: Profile): string {
  return options("tcg", {
    ...(profile.smp === 1 && { thread: "single" }),
    "tb-size": translationBuffer(profile.memory),
  });
}

/** The board, its CPUs and its memory. */
export function machine(profile: Profile, plan: Plan): string[] {
  if (!plan.build.machines.includes(profile.machine)) {
    refuseProfile(
      `This engine was built without the machine ${profile.machine}.`,
      `Choose one of: ${plan.build.machines.join(", ")}.`,
    );
  }
  return [
    ...["-machine", options(profile.machine, boardOptions(profile))],
    // QEMU takes the first -accel that works: the user's own must be the only one.
    ...(profile.extraArgs.includes("-accel") ? [] : ["-accel", accelerator(profile)]),
    ...["-cpu", profile.cpu],
    ...["-smp", String(profile.smp)],
    ...["-m", `${profile.memory}M`],
  ];
}

function boardOptions(profile: Profile): Record<string, string> {
  if (profile.machine === "microvm") return {};
  const ide = profile.cdrom !== undefined || profile.disks.some((disk) => disk.interface === "ide");
  return {
    // A controller without disks is only waited for.
    ...(profile.machine === "q35" && profile.boot && !ide && { sata: "off", smbus: "off" }),
    ...(profile.sound !== "none" && { "pcspk-audiodev": SOUND }),
    ...(profile.hpet === false && { hpet: "off" }),
    // Without a display, SeaBIOS and boot loaders are seen only when the firmware writes to the serial port.
    ...(!profile.boot &&
      profile.display === "none" &&
      profile.serials.some((port) => port.kind === "isa") && { graphics: "off" }),
  };
}

/** Kernel, initrd and command line. None of the three is parsed for commas by QEMU. */
export function directBoot(profile: Profile, plan: Plan): string[] {
  if (!profile.boot) return [];
  const { kernel, initrd, append } = profile.boot;
  return [
    ...["-kernel", plan.file(kernel)],
    ...(initrd ? ["-initrd", plan.file(initrd)] : []),
    ...(append === "" ? [] : ["-append", append]),
  ];
}
