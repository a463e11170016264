/** The Debian disk of qemu-wasm/guests/debian-disk.ts in a VM of the extension. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { debian } from "../../qemu-wasm/guests/debian-disk.ts";
import type { Disk, Profile } from "../../src/model/profile.ts";
import type { EnginePage } from "../../tools/lib/engine-page.ts";
import type { Guest } from "../../tools/lib/guest.ts";

/** The quick VM's machine and kernel; the first of `disks` is its root. */
export async function debianProfile(engine: EnginePage, ...disks: Omit<Disk, "id">[]): Promise<Profile> {
  const quick = await engine.quickProfile();
  if (!quick.boot) throw new Error("The quick VM has no kernel of its own.");
  const { kernel } = quick.boot;
  return { ...quick, name: "Debian", boot: { kernel, append: debian.commandLine }, disks: disks as Disk[] };
}

/** Starts the VM and waits for its shell. */
export async function bootDebian(guest: Guest): Promise<void> {
  guest.shell = debian.prompt;
  await guest.start();
  await guest.prompt();
}

export async function powerOff(guest: Guest): Promise<void> {
  await guest.type("poweroff");
  await guest.state(["off"]);
}

/** Makes a package of what the system has in `folders`: /tmp/p.deb, whose files go below /opt/NAME. */
export async function makePackage(guest: Guest, name: string, folders: string): Promise<void> {
  await guest.run(`mkdir -p /tmp/p/DEBIAN /tmp/p/opt/${name}; cp -a ${folders} /tmp/p/opt/${name}`);
  const control = [`Package: ${name}`, "Version: 1", "Architecture: all", "Maintainer: a test", "Description: files"];
  await guest.run(`printf '${control.join("\\n")}\\n' > /tmp/p/DEBIAN/control; dpkg-deb -Znone -b /tmp/p /tmp/p.deb`);
  await guest.run("rm -rf /tmp/p; sync");
}

/** Installs /tmp/p.deb by dpkg, which syncs each file. */
export async function installPackage(guest: Guest): Promise<void> {
  const said = await guest.run("dpkg -i /tmp/p.deb && sync && echo in''stalled");
  if (!said.includes("installed")) throw new Error(`dpkg failed:\n${said}`);
}

/** Makes such a package and installs it; resolves to the SHA-256 list of its files' contents, summed, and their count. */
export async function installTree(guest: Guest, name: string, folders: string): Promise<string> {
  await makePackage(guest, name, folders);
  await installPackage(guest);
  await guest.run("rm /tmp/p.deb");
  return treeSum(guest, name);
}

export async function treeSum(guest: Guest, name: string): Promise<string> {
  await guest.run(`cd /opt/${name}; find . -type f -print0 | sort -z | xargs -0 sha256sum > /tmp/sums; cd`);
  return guest.run("wc -l < /tmp/sums; sha256sum < /tmp/sums");
}

export async function fileSum(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
