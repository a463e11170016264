/** Licence texts that travel with a guest: each package's copyright file, the texts it refers to, and the kernel's own. */
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const common = ["GPL-2", "GPL-3", "LGPL-2", "LGPL-2.1", "LGPL-3", "Apache-2.0", "GFDL-1.3"];

/**
 * Fills the folder `target`. `unpacked`: package -> where its content lies; `linux`: the kernel's source tree; `root`: a Debian
 * system that has the common texts.
 */
export function copyLicences(target: string, unpacked: Map<string, string>, linux: string, root: string): void {
  mkdirSync(target);
  for (const [name, folder] of unpacked) {
    const copyright = join(folder, "usr/share/doc", name, "copyright");
    if (!existsSync(copyright)) throw new Error(`The package ${name} has no copyright file.`);
    copyFileSync(copyright, join(target, `${name}.txt`));
  }
  for (const name of common) copyFileSync(join(root, "usr/share/common-licenses", name), join(target, `${name}.txt`));
  copyFileSync(join(linux, "COPYING"), join(target, "linux.txt"));
  copyFileSync(join(linux, "LICENSES/exceptions/Linux-syscall-note"), join(target, "Linux-syscall-note.txt"));
}
