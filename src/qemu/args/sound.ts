import type { Profile } from "../../model/profile.ts";
import { options, type Plan, refuseProfile } from "./plan.ts";

/** Names our audio backend (qemu-wasm/web/audio.c) to the devices that play by it. */
export const SOUND = "sound0";

/** Frames a second that the browser is given; QEMU converts what the guest plays at other rates. */
const FREQUENCY = 48_000;

/** The sound card; the PC speaker is the machine's. */
export function sound(profile: Profile, plan: Plan): string[] {
  if (profile.sound === "none") return [];
  if (profile.display === "none") {
    refuseProfile("A VM without a display has no sound.", "Give it a display, or no sound card.");
  }
  return [
    ...["-audiodev", options("web", { id: SOUND, "out.frequency": FREQUENCY })],
    ...plan.device("intel-hda"),
    ...plan.device("hda-output", { audiodev: SOUND }),
  ];
}
