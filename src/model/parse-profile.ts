import {
  type Fields,
  filledText,
  flag,
  identified,
  list,
  object,
  oneOf,
  onlyKnown,
  refuse,
  text,
  whole,
} from "./fields.ts";
import { migrateProfile } from "./migrate-profile.ts";
import { parseNics } from "./parse-nics.ts";
import {
  DISK_FORMATS,
  type DirectBoot,
  type Disk,
  type DiskSource,
  type FileRef,
  PROFILE_VERSION,
  type Profile,
  type SerialPort,
} from "./profile.ts";

const MACHINES = ["q35", "pc", "microvm"] as const;
const INTERFACES = ["virtio", "ide", "scsi", "nvme"] as const;
const KNOWN = [
  ..."version name arch machine cpu hpet smp memory boot disks cdrom serials".split(" "),
  ..."display pointer sound rng agent nics extraArgs".split(" "),
];

/** Chardevs that are no consoles. */
const OURS = ["qmp", "agent"];

/** What a profile that leaves a field out means. */
const DEFAULTS = {
  arch: "x86_64",
  machine: "q35",
  cpu: "max",
  smp: 1,
  memory: 512,
  disks: [],
  serials: [{ id: "serial0", kind: "isa" }],
  display: "none",
  pointer: "tablet",
  sound: "none",
  rng: true,
  agent: true,
  nics: [],
  extraArgs: [],
} satisfies Partial<Profile>;

/**
 * Any value as a profile of the current version, defaults filled in. Throws `profile-invalid` naming the field.
 * Memory has no upper bound here: how much the engine can be granted is known when the VM starts. A disk without an id gets
 * one that no other disk has, and none of `taken`.
 */
export function parseProfile(value: unknown, taken: readonly string[] = []): Profile {
  const fields: Fields = { ...DEFAULTS, ...withoutUndefined(migrateProfile(object(value, "whole"))) };
  onlyKnown(fields, "", KNOWN);
  const profile: Profile = {
    version: PROFILE_VERSION,
    name: filledText(fields.name, "name", 100),
    arch: oneOf(fields.arch, "arch", ["x86_64"]),
    machine: oneOf(fields.machine, "machine", MACHINES),
    cpu: cpuModel(fields.cpu),
    smp: whole(fields.smp, "smp", 1, 8),
    memory: whole(fields.memory, "memory", 8, 1 << 20, " MiB"),
    disks: disks(fields.disks, taken),
    serials: serialPorts(fields.serials),
    display: oneOf(fields.display, "display", ["none", "std", "virtio", "cirrus"]),
    pointer: oneOf(fields.pointer, "pointer", ["tablet", "mouse"]),
    sound: oneOf(fields.sound, "sound", ["none", "hda"]),
    rng: flag(fields.rng, "rng"),
    agent: flag(fields.agent, "agent"),
    nics: parseNics(fields.nics),
    extraArgs: list(fields.extraArgs, "extraArgs", (word, at) => text(word, at)),
  };
  if (fields.hpet !== undefined) profile.hpet = flag(fields.hpet, "hpet");
  if (fields.boot !== undefined) profile.boot = directBoot(fields.boot);
  if (fields.cdrom !== undefined) profile.cdrom = fields.cdrom === null ? null : diskSource(fields.cdrom, "cdrom");
  return profile;
}

function withoutUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function cpuModel(value: unknown): string {
  const model = filledText(value, "cpu", 200);
  if (/^[A-Za-z0-9][\w.,+=-]*$/.test(model)) return model;
  return refuse("cpu", "is not a CPU model", "Give a QEMU CPU model such as max or qemu64.");
}

function fileRef(value: unknown, field: string): FileRef {
  const fields = object(value, field);
  const from = oneOf(fields.from, `${field}.from`, ["user", "guest"]);
  const name = filledText(fields.name, `${field}.name`, 255);
  onlyKnown(fields, field, from === "user" ? ["from", "name"] : ["from", "name", "guest"]);
  if (from === "user") return { from, name };
  // The name becomes part of a URL within the extension.
  if (!/^[\w-][\w.-]*$/.test(name))
    refuse(`${field}.name`, "is not a guest's file", "Choose a file that ships with the guest.");
  return { from, guest: oneOf(fields.guest, `${field}.guest`, ["quick"]), name };
}

function directBoot(value: unknown): DirectBoot {
  const fields = object(value, "boot");
  onlyKnown(fields, "boot", ["kernel", "initrd", "append"]);
  const boot: DirectBoot = {
    kernel: fileRef(fields.kernel, "boot.kernel"),
    append: text(fields.append ?? "", "boot.append"),
  };
  if (fields.initrd !== undefined) boot.initrd = fileRef(fields.initrd, "boot.initrd");
  return boot;
}

function diskSource(value: unknown, field: string): DiskSource {
  const fields = object(value, field);
  if (fields.from !== "image") return fileRef(value, field);
  onlyKnown(fields, field, ["from", "id"]);
  return { from: "image", id: filledText(fields.id, `${field}.id`, 64) };
}

function disks(value: unknown, taken: readonly string[]): Disk[] {
  return identified(list(value, "disks", disk), { field: "disks", prefix: "disk", each: "disk", taken });
}

function disk(value: unknown, field: string): Omit<Disk, "id"> & { id: string | undefined } {
  const fields = object(value, field);
  onlyKnown(fields, field, ["id", "file", "format", "interface", "access"]);
  return {
    id: fields.id === undefined ? undefined : diskId(fields.id, `${field}.id`),
    file: diskSource(fields.file, `${field}.file`),
    format: oneOf(fields.format, `${field}.format`, DISK_FORMATS),
    interface: oneOf(fields.interface ?? "virtio", `${field}.interface`, INTERFACES),
    access: oneOf(fields.access ?? "snapshot", `${field}.access`, ["persistent", "snapshot", "readonly"]),
  };
}

/** Also an NVMe disk's serial number, of which there are 20 bytes. */
function diskId(value: unknown, field: string): string {
  const id = filledText(value, field, 20);
  if (/^[a-z][a-z0-9-]*$/.test(id) && !id.startsWith("cdrom")) return id;
  return refuse(field, "is not a disk's id", "Use small letters, digits and dashes; cdrom... is the CD-ROM drive's.");
}

function serialPorts(value: unknown): SerialPort[] {
  const ports = list(value, "serials", (element, field): SerialPort => {
    const fields = object(element, field);
    onlyKnown(fields, field, ["id", "kind"]);
    const id = filledText(fields.id, `${field}.id`, 32);
    if (!/^[a-z][a-z0-9-]*$/.test(id)) refuse(`${field}.id`, "is not an id", "Use small letters, digits and dashes.");
    if (OURS.includes(id)) refuse(`${field}.id`, "is the engine's own", "Choose another id, such as serial0.");
    return { id, kind: oneOf(fields.kind, `${field}.kind`, ["isa", "virtio"]) };
  });
  const twice = ports.find((port, index) => ports.findIndex((other) => other.id === port.id) !== index);
  return twice ? refuse("serials", `have the id ${twice.id} twice`, "Give each serial port its own id.") : ports;
}
