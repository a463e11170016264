/** memtest86+, which nobody here wrote: Debian's. For tests; it is not shipped. */
import { basename, join } from "node:path";
import { repositoryFiles, runStep } from "../build/cache.ts";
import { toolchain as chosenToolchain } from "../build/toolchain.ts";
import { downloadPackages } from "./packages.ts";

/** The path of its program, which boots as a Linux kernel does. */
export async function memtest(): Promise<string> {
  const toolchain = await chosenToolchain();
  const packages = await downloadPackages("memtest-package", ["memtest86+"]);
  const folder = await runStep({
    name: "memtest",
    inputs: [basename(packages), ...repositoryFiles("qemu-wasm/guests/memtest.ts")],
    async build(folder, log) {
      const script = `dpkg-deb --fsys-tarfile "$DEB" | tar -xO './boot/memtest86+x64.bin' >"$TO/memtest"`;
      const names = { DEB: toolchain.path(join(packages, "memtest86+.deb")), TO: toolchain.path(folder) };
      await toolchain.run(script, log, names);
    },
  });
  return join(folder, "memtest");
}
