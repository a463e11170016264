import type { Profile } from "../../model/profile.ts";
import { type Plan, refuseProfile } from "./plan.ts";

/** Our chardev's type: two byte rings in shared memory (qemu-wasm, src/qemu/chardev.ts). */
const CHARDEV = "web";

/** Serial ports, virtio consoles and the agent's port; each is a chardev of the port's id. */
export function consoles(profile: Profile, plan: Plan): string[] {
  const isa = profile.serials.filter((port) => port.kind === "isa");
  const most = plan.machine === "microvm" ? 1 : 4;
  if (isa.length > most) {
    refuseProfile(
      `The machine ${plan.machine} has ${most} ISA serial port${most > 1 ? "s" : ""}, and the profile asks for ${isa.length}.`,
      "Make the others virtio consoles.",
    );
  }
  // Ours, as the panic device is: a build without it still boots.
  const agent = profile.agent && plan.build.devices.includes("virtserialport");
  const virtio = profile.serials.filter((port) => port.kind === "virtio");
  return [
    ...profile.serials.flatMap((port) => ["-chardev", `${CHARDEV},id=${port.id}`]),
    ...isa.flatMap((port) => ["-serial", `chardev:${port.id}`]),
    ...(virtio.length > 0 || agent ? plan.virtio("virtio-serial") : []),
    ...virtio.flatMap((port) => plan.device("virtconsole", { chardev: port.id })),
    ...(agent ? ["-chardev", `${CHARDEV},id=agent`, ...plan.device("virtserialport", AGENT_PORT)] : []),
  ];
}

/** Where qemu-ga listens (qga/main.c); by its id QEMU tells whether somebody does. */
const AGENT_PORT = { chardev: "agent", name: "org.qemu.guest_agent.0", id: "agent0" };

/** QMP, by which the host resets and stops the VM and learns what happens to it. */
export function monitor(): string[] {
  return ["-chardev", `${CHARDEV},id=qmp`, "-object", "monitor-qmp,id=monitor,chardev=qmp"];
}
