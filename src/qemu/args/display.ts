import type { DisplayType, Profile } from "../../model/profile.ts";
import { type Plan, refuseProfile } from "./plan.ts";

/** Our display's type: shared memory that JavaScript looks at (qemu-wasm/web/display.c, src/display). */
const DISPLAY = "web";

const CARDS: Record<Exclude<DisplayType, "none">, string> = { std: "VGA", virtio: "virtio-vga", cirrus: "cirrus-vga" };

/** The graphics card, and what is typed and pointed with. */
export function display(profile: Profile, plan: Plan): string[] {
  if (profile.display === "none") return ["-display", "none"];
  if (!plan.pci) refuseProfile("The machine microvm has no bus for a display.", "Choose q35 or pc, or no display.");
  return ["-display", DISPLAY, ...plan.device(CARDS[profile.display]), ...input(profile, plan)];
}

/**
 * A guest that has a driver for the virtio card has those for virtio input too; it may have no other. q35 and pc have a PS/2
 * keyboard and mouse, which every other guest knows; only a tablet has to be added, by USB.
 */
function input({ display, pointer }: Profile, plan: Plan): string[] {
  if (display === "virtio") return [...plan.virtio("virtio-keyboard"), ...plan.virtio(`virtio-${pointer}`)];
  return pointer === "tablet" ? [...plan.device("qemu-xhci"), ...plan.device("usb-tablet")] : [];
}
