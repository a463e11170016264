/** The runner's options as a VM's profile and the files it names. */
import { closeSync, openSync, readSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parseProfile } from "../../src/model/parse-profile.ts";
import type { DirectBoot, Disk, DiskFormat, FileRef, Profile } from "../../src/model/profile.ts";
import type { Options } from "./options.ts";

export interface Request {
  profile: Profile;
  /** Paths by the names that the profile has for them. */
  files: Record<string, string>;
}

/** What isn't asked for is the built-in `quick` profile's, or for a guest of the user's a profile's default. */
export function requestOf(options: Options, quick: Profile, folder: string): Request {
  const files: Record<string, string> = {};
  const add = (path: string): FileRef => {
    const full = resolve(folder, path);
    let name = basename(full);
    for (let n = 2; name in files && files[name] !== full; n++) name = `${n}-${basename(full)}`;
    files[name] = full;
    return { from: "user", name };
  };
  const isQuick = options.kernel === undefined && options.disks.length === 0;
  const boot = isQuick ? withAppend(quick.boot, options.append) : ownBoot(options, add);
  const disks = options.disks.map((disk, n): Disk => {
    const format = disk.format ?? formatOf(resolve(folder, disk.path));
    const access = disk.readonly ? "readonly" : "snapshot";
    return { id: `disk${n}`, file: add(disk.path), format, interface: "virtio", access };
  });
  const name = basename(options.kernel ?? options.disks[0]?.path ?? "");
  const profile: Profile = {
    ...(isQuick ? quick : parseProfile({ name })),
    ...(boot ? { boot } : {}),
    disks,
    ...(options.cdrom === undefined ? {} : { cdrom: add(options.cdrom) }),
    ...(options.machine ? { machine: options.machine } : {}),
    ...(options.memory ? { memory: options.memory } : {}),
    ...(options.smp ? { smp: options.smp } : {}),
    extraArgs: options.extra,
  };
  return { profile, files };
}

function ownBoot(options: Options, add: (path: string) => FileRef): DirectBoot | undefined {
  if (options.kernel === undefined) return undefined;
  return {
    kernel: add(options.kernel),
    ...(options.initrd === undefined ? {} : { initrd: add(options.initrd) }),
    append: options.append ?? "console=ttyS0",
  };
}

function withAppend(boot: DirectBoot | undefined, append: string | undefined): DirectBoot | undefined {
  if (!boot || append === undefined) return boot;
  return { ...boot, append: `${boot.append} ${append}`.trim() };
}

/** qcow2 by its magic (QEMU docs/interop/qcow2.rst), raw otherwise. Throws what reading the file throws. */
function formatOf(path: string): DiskFormat {
  const magic = Buffer.alloc(4);
  const file = openSync(path, "r");
  readSync(file, magic, 0, 4, 0);
  closeSync(file);
  return magic.equals(Buffer.from("QFI\xfb", "latin1")) ? "qcow2" : "raw";
}
