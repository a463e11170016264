import { filledText, identified, list, object, oneOf, onlyKnown, refuse } from "./fields.ts";
import type { Nic, NicModel } from "./profile.ts";

const NIC_MODELS = ["virtio", "e1000", "e1000e", "rtl8139"] as const satisfies NicModel[];

/** More than a guest has a use for, and fewer than a machine has places. */
const MOST = 8;

/** A profile's network adapters; those without an id or a hardware address get their own. */
export function parseNics(value: unknown): Nic[] {
  const found = list(value, "nics", nic);
  if (found.length > MOST) refuse("nics", `are ${found.length}`, `Give at most ${MOST}.`);
  const given = found.flatMap(({ mac }) => mac ?? []);
  const twice = given.find((mac, n) => given.indexOf(mac) < n);
  if (twice) refuse("nics", `have the address ${twice} twice`, "Give each adapter its own address, or none.");
  const taken = new Set(given);
  return identified(found, { field: "nics", prefix: "nic", each: "adapter", taken: [] }).map((nic) => {
    const mac = nic.mac ?? freeMac(taken);
    taken.add(mac);
    return { ...nic, mac };
  });
}

/** What was typed as a hardware address, as profiles have it; undefined when it isn't one that an adapter can have. */
export function parseMac(typed: string): string | undefined {
  const mac = typed.trim().toLowerCase().replaceAll("-", ":");
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac) || mac === "00:00:00:00:00:00") return undefined;
  return Number.parseInt(mac.slice(0, 2), 16) & 1 ? undefined : mac; // a group's (IEEE 802, the I/G bit)
}

function nic(
  value: unknown,
  field: string,
): Omit<Nic, "id" | "mac"> & { id: string | undefined; mac: string | undefined } {
  const fields = object(value, field);
  onlyKnown(fields, field, ["id", "model", "mac"]);
  return {
    id: fields.id === undefined ? undefined : nicId(fields.id, `${field}.id`),
    model: oneOf(fields.model ?? "virtio", `${field}.model`, NIC_MODELS),
    mac: fields.mac === undefined ? undefined : macOf(fields.mac, `${field}.mac`),
  };
}

/** Also the device's to QEMU, among others of ours. */
function nicId(value: unknown, field: string): string {
  const id = filledText(value, field, 8);
  return /^nic\d+$/.test(id) ? id : refuse(field, "is not an adapter's id", "Give nic and a number, or leave it out.");
}

function macOf(value: unknown, field: string): string {
  const hint = "Give six bytes such as 52:54:00:12:34:56, of which the first is even, or leave it out.";
  return parseMac(filledText(value, field, 32)) ?? refuse(field, "is not an adapter's address", hint);
}

/** Of QEMU's own, which are administered locally. */
function freeMac(taken: ReadonlySet<string>): string {
  for (;;) {
    const [a, b, c] = crypto.getRandomValues(new Uint8Array(3));
    const mac = `52:54:00:${[a, b, c].map((byte = 0) => byte.toString(16).padStart(2, "0")).join(":")}`;
    if (!taken.has(mac)) return mac;
  }
}
