import type { MachineType } from "../../model/profile.ts";

/** Each costs a guest some 2 % of a quick VM's boot. */
const PORTS = 2;

/** Buses that take a PCI device while the VM runs: pc's own takes any number, q35's root bus none, but its ports one each. */
export function hotPlugBuses(machine: MachineType): string[] {
  const count = { q35: PORTS, pc: 8, microvm: 0 }[machine];
  return Array.from({ length: count }, (_, n) => (machine === "pc" ? "pci.0" : `port${n}`));
}

/** Part of QEMU's PCI Express: no build with q35 lacks them. */
export function hotPlugPorts(machine: MachineType): string[] {
  if (machine !== "q35") return [];
  return hotPlugBuses(machine).flatMap((id, n) => ["-device", `pcie-root-port,id=${id},chassis=${n + 1}`]);
}
