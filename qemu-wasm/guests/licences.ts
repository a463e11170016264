/** Licence texts that travel with a guest: each package's copyright file, the texts it refers to, and the kernel's own. */
import { copyFileSync, lstatSync, mkdirSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { toolchain as chosenToolchain } from "../build/toolchain.ts";

const common = ["GPL-2", "GPL-3", "LGPL-2", "LGPL-2.1", "LGPL-3", "Apache-2.0", "GFDL-1.3"];

/**
 * Fills the folder `target`. `unpacked`: package -> where its content lies; `linux`: the kernel's source tree.
 */
export async function copyLicences(target: string, unpacked: Map<string, string>, linux: string, log: string) {
  mkdirSync(target);
  for (const [name, folder] of unpacked) {
    const place = join(folder, "usr/share/doc", name);
    // A package may share another's, by a link: libatomic1 -> gcc-14-base, unpacked beside it.
    const other = lstatSync(place).isSymbolicLink() ? basename(readlinkSync(place)) : undefined;
    const documents = other === undefined ? place : join(folder, "..", other, "usr/share/doc", other);
    copyFileSync(join(documents, "copyright"), join(target, `${name}.txt`));
  }
  const toolchain = await chosenToolchain();
  const script = `for name in ${common.join(" ")}; do cp /usr/share/common-licenses/$name "$TO/$name.txt"; done`;
  await toolchain.run(script, log, { TO: toolchain.path(target) });
  copyFileSync(join(linux, "COPYING"), join(target, "linux.txt"));
  copyFileSync(join(linux, "LICENSES/exceptions/Linux-syscall-note"), join(target, "Linux-syscall-note.txt"));
}
