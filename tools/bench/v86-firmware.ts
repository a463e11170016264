/** Firmware for v86, which comes without: Debian's SeaBIOS, in the size for 128 KiB. */
import { basename, join } from "node:path";
import { repositoryFiles, runStep } from "../../qemu-wasm/build/cache.ts";
import { toolchain as chosenToolchain } from "../../qemu-wasm/build/toolchain.ts";
import { downloadPackages } from "../../qemu-wasm/guests/packages.ts";

/** A folder with `bios.bin` and `vgabios-stdvga.bin`. */
export async function v86Firmware(): Promise<string> {
  const toolchain = await chosenToolchain();
  const packages = await downloadPackages("seabios-package", ["seabios"]);
  return runStep({
    name: "v86-firmware",
    inputs: [basename(packages), ...repositoryFiles("tools/bench/v86-firmware.ts")],
    async build(folder, log) {
      const script = `dpkg-deb --fsys-tarfile "$DEB" | tar -x -C "$TO" --strip-components=4 --wildcards \\
        ./usr/share/seabios/bios.bin ./usr/share/seabios/vgabios-stdvga.bin`;
      const deb = join(toolchain.path(packages), "seabios.deb");
      await toolchain.run(script, log, { DEB: deb, TO: toolchain.path(folder) });
    },
  });
}
