/** The quick VM's kernel: Debian's linux-source, our patches, tinyconfig with our fragment over it. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { repository, repositoryFiles, runStep } from "../build/cache.ts";
import { toolchain as chosenToolchain } from "../build/toolchain.ts";
import { readPackages } from "./packages.ts";

const patches = "qemu-wasm/guests/quick/patches";

export const kernelConfig = "qemu-wasm/guests/quick/kernel.config";

/** Our patches' paths in the repository, in their order. */
export function kernelPatches(): string[] {
  return readdirSync(join(repository, patches))
    .sort()
    .map((name) => join(patches, name));
}

/** The patched source tree; `packages` is the folder with linux-source-6.12.deb. */
export async function kernelSource(packages: string, cold = false): Promise<string> {
  const toolchain = await chosenToolchain();
  return runStep({
    name: "linux-source",
    inputs: [...readPackages(packages).map((source) => source.sha256), ...repositoryFiles(patches)],
    cold,
    async build(folder, log) {
      const script = `
        dpkg-deb --fsys-tarfile "$DEB" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
          xz -dc | tar -x --strip-components=1 -C "$TO"
        for patch in "$REPOSITORY"/${patches}/*.patch; do patch -d "$TO" -p1 --no-backup-if-mismatch <"$patch"; done`;
      const deb = join(toolchain.path(packages), "linux-source-6.12.deb");
      await toolchain.run(script, log, { DEB: deb, TO: toolchain.path(folder) });
    },
  });
}

/** A folder with vmlinux (an ELF file without symbols that QEMU enters by PVH), System.map and config. */
export async function buildKernel(source: string, cold = false): Promise<string> {
  const toolchain = await chosenToolchain();
  return runStep({
    name: "quick-kernel",
    inputs: [toolchain.identity, basename(source), script, ...repositoryFiles(kernelConfig)],
    cold,
    async build(folder, log) {
      const variables = { SOURCE: toolchain.path(source), FRAGMENT: kernelConfig };
      await toolchain.run(script, log, { ...variables, TO: toolchain.path(folder), MODE: "configure" });
      assertConfig(
        readFileSync(join(repository, kernelConfig), "utf8"),
        readFileSync(join(folder, "build/.config"), "utf8"),
      );
      await toolchain.run(script, log, { ...variables, TO: toolchain.path(folder), MODE: "build" });
    },
  });
}

// The same bytes from the same inputs: no host, user or time of the build in the kernel's banner.
const script = `
  export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' KBUILD_BUILD_USER=qemuweb KBUILD_BUILD_HOST=qemuweb
  cd "$SOURCE"
  if [ "$MODE" = configure ]; then
    make -s O="$TO/build" tinyconfig
    scripts/kconfig/merge_config.sh -m -O "$TO/build" "$TO/build/.config" "$REPOSITORY/$FRAGMENT" >/dev/null
    make -s O="$TO/build" olddefconfig
  else
    nice make -s -j"$(nproc)" O="$TO/build" vmlinux
    strip -s -o "$TO/vmlinux" "$TO/build/vmlinux"
    cp "$TO/build/System.map" "$TO/System.map"
    cp "$TO/build/.config" "$TO/config"
    rm -r "$TO/build"
  fi`;

/** Throws naming every line of the fragment that Kconfig overruled. */
export function assertConfig(fragment: string, config: string): void {
  const set = new Map<string, string>();
  for (const line of config.split("\n")) {
    const [, name, value] = /^(CONFIG_\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) set.set(name, value);
  }
  const wrong = fragment.split("\n").filter((line) => {
    const [, off] = /^# (CONFIG_\w+) is not set$/.exec(line) ?? [];
    if (off !== undefined) return set.has(off);
    const [, name, value] = /^(CONFIG_\w+)=(.*)$/.exec(line) ?? [];
    if (name === undefined) return false;
    return value === "n" ? set.has(name) : set.get(name) !== value;
  });
  if (wrong.length > 0) {
    throw new Error(`The kernel's configuration did not take: ${wrong.join("; ")}. Does a dependency miss, or a name?`);
  }
}
