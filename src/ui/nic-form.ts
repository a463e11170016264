import type { NewNic } from "../engine/api.ts";
import { parseMac } from "../model/parse-nics.ts";
import type { MachineType, NicModel } from "../model/profile.ts";

export const NIC_NAMES = {
  virtio: "virtio",
  e1000: "Intel e1000",
  e1000e: "Intel e1000e",
  rtl8139: "Realtek 8139",
} as const satisfies Record<NicModel, string>;

/** The adapters that a machine has a bus for; `live`: while it runs. */
export function modelChoices(machine: MachineType, live = false): Partial<Record<NicModel, string>> {
  const { virtio, e1000e } = NIC_NAMES;
  if (machine === "microvm") return { virtio };
  return live && machine === "q35" ? { virtio, e1000e } : NIC_NAMES;
}

/** The adapter that the fields ask for, or why they ask for none; an empty address is left to the engine. */
export function nicOf(model: NicModel, address: string, taken: readonly string[]): NewNic | { problem: string } {
  if (address.trim() === "") return { model };
  const mac = parseMac(address);
  if (mac === undefined) return { problem: "Enter six bytes such as 52:54:00:12:34:56, of which the first is even." };
  if (taken.includes(mac)) return { problem: "Another adapter of this VM has that address: change it." };
  return { model, mac };
}
