/** Firmware for v86, which comes without: Debian's SeaBIOS, in the size for 128 KiB. */
import { basename, join } from "node:path";
import { insideCache, repositoryFiles, runStep } from "../../qemu-wasm/build/cache.ts";
import { runInRoot } from "../../qemu-wasm/build/debian.ts";
import { toolchainRoot } from "../../qemu-wasm/build/toolchain.ts";
import { downloadPackages } from "../../qemu-wasm/guests/packages.ts";

/** A folder with `bios.bin` and `vgabios-stdvga.bin`. */
export async function v86Firmware(): Promise<string> {
  const root = await toolchainRoot();
  const packages = await downloadPackages("seabios-package", ["seabios"]);
  return runStep({
    name: "v86-firmware",
    inputs: [basename(packages), ...repositoryFiles("tools/bench/v86-firmware.ts")],
    build(folder, log) {
      const script = `dpkg-deb --fsys-tarfile "$DEB" | tar -x -C "$TO" --strip-components=4 --wildcards \\
        ./usr/share/seabios/bios.bin ./usr/share/seabios/vgabios-stdvga.bin`;
      runInRoot(root, script, log, { DEB: join(insideCache(packages), "seabios.deb"), TO: insideCache(folder) });
    },
  });
}
