/** Firmware that QEMU loads: from Debian's packages, since Debian's QEMU source carries none. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryFiles, runStep } from "./cache.ts";
import { aptVariables, suite } from "./debian.ts";
import type { Toolchain } from "./toolchain.ts";

/** Files of each package, below `/usr`. */
const packages: Record<string, string[]> = {
  seabios: ["bios-256k.bin", "bios-microvm.bin", "vgabios-stdvga.bin", "vgabios-cirrus.bin", "vgabios-virtio.bin"].map(
    (file) => `share/seabios/${file}`,
  ),
  "qemu-system-data": ["linuxboot_dma.bin", "multiboot_dma.bin", "pvh.bin", "kvmvapic.bin", "qboot.rom"].map(
    (file) => `share/qemu/${file}`,
  ),
  "ipxe-qemu": ["efi-e1000.rom", "efi-e1000e.rom", "efi-rtl8139.rom", "efi-virtio.rom"].map(
    (file) => `share/qemu/${file}`,
  ),
};

export interface FirmwarePackage {
  package: string;
  version: string;
  sha256: string;
  source: string;
}

/** A folder with the files, `licences/<package>` and `packages.json` (FirmwarePackage[]). */
export function fetchFirmware(toolchain: Toolchain, cold: boolean): Promise<string> {
  return runStep({
    name: "firmware",
    inputs: [suite, JSON.stringify(packages), ...repositoryFiles("qemu-wasm/build/apt.sh")],
    cold,
    async build(folder, log) {
      const script = [
        'cd "$OUTPUT" && mkdir licences work && cd work && source "$REPOSITORY/qemu-wasm/build/apt.sh"',
        `apt-get download ${Object.keys(packages).join(" ")}`,
        "for deb in *.deb; do",
        '  name=$(dpkg-deb -f "$deb" Package)',
        '  source=$(dpkg-deb -f "$deb" Source); version=$(dpkg-deb -f "$deb" Version)',
        '  printf "%s|%s|%s|%s\\n" "$name" "$version" "$(sha256sum "$deb" | cut -d" " -f1)" "${source:-$name}" >> ../packages.txt',
        '  dpkg-deb -x "$deb" .',
        '  cp "usr/share/doc/$name/copyright" "../licences/$name"',
        "done",
        ...Object.values(packages)
          .flat()
          .map((file) => `cp usr/${file} ..`),
        "cd .. && rm -rf work",
      ].join("\n");
      await toolchain.run(script, log, { ...aptVariables(), OUTPUT: toolchain.path(folder) });
    },
  });
}

export function firmwarePackages(folder: string): FirmwarePackage[] {
  const lines = readFileSync(join(folder, "packages.txt"), "utf8").trim().split("\n");
  return lines.map((line) => {
    const [name = "", version = "", sha256 = "", source = ""] = line.split("|");
    return { package: name, version, sha256, source };
  });
}

export const firmwareFiles = Object.values(packages)
  .flat()
  .map((file) => file.slice(file.lastIndexOf("/") + 1));
