import type { MachineType, Nic, NicModel, Profile } from "../../model/profile.ts";
import { type Plan, refuseProfile } from "./plan.ts";

const PCI_DEVICES: Record<NicModel, string> = {
  virtio: "virtio-net-pci",
  e1000: "e1000",
  e1000e: "e1000e",
  rtl8139: "rtl8139",
};

/** What QEMU says of an adapter without a network, which all of them are: nothing that a user would have to know. */
export const NO_NETWORK = /\bwarning: nic nic\d+ has no peer$/;

/** Network adapters. Their cables are unplugged once QEMU runs: it has no argument for that. */
export function nics({ nics }: Profile, plan: Plan): string[] {
  return nics.flatMap((nic) => {
    if (plan.pci) return plan.device(PCI_DEVICES[nic.model], nicProperties(nic));
    if (nic.model === "virtio") return plan.device("virtio-net-device", { id: nic.id, mac: nic.mac });
    return refuseProfile(
      `The machine microvm has no bus for the network adapter ${nic.model}.`,
      "Make the adapter virtio, or choose q35 or pc.",
    );
  });
}

/** The device as QMP adds it to a machine that runs. Throws `profile-invalid` for one that it can't be added to. */
export function hotNic(nic: Nic, machine: MachineType): { driver: string } & Record<string, string> {
  if (machine === "q35" && nic.model !== "virtio" && nic.model !== "e1000e") {
    refuseProfile(
      `A network adapter of the kind ${nic.model} can't be added to a q35 that runs: it is none for PCI Express.`,
      "Add a virtio or an e1000e, or turn the VM off first.",
    );
  }
  return { driver: PCI_DEVICES[nic.model], ...nicProperties(nic) };
}

/** Nothing can be booted from a network that isn't there: the adapter needs no ROM for that. */
function nicProperties({ id, mac }: Nic): Record<string, string> {
  return { id, mac, romfile: "" };
}
