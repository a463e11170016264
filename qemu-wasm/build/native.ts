/** QEMU of the engine's version and devices for this machine: what tests and benches compare the engine with. It is not shipped. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryFiles, runStep } from "./cache.ts";
import { fetchPoolFile } from "./debian.ts";
import { sources } from "./sources.ts";
import { debianTools } from "./toolchain/debian-root.ts";
import type { Tools } from "./toolchain.ts";

/**
 * Of our patches that which lets Debian's source be built, what mends QEMU itself, and what compares the two: all other
 * differences are the engine's.
 */
const patches = ["0001-build", "0007-access", "0012-lockstep"].map((name) => `qemu-wasm/patches/qemu/${name}.patch`);

/** gcc for 64 and 32 bits, and what QEMU links. */
export function nativeTools(): Promise<Tools> {
  return debianTools("native-toolchain", [
    ...["gcc", "gcc-multilib", "libc6-dev", "meson", "ninja-build", "pkg-config", "make", "patch", "xz-utils"],
    ...["python3", "python3-venv", "python3-pip", "python3-setuptools", "python3-wheel"],
    ...["libglib2.0-dev", "libpixman-1-dev", "libfdt-dev", "zlib1g-dev"],
  ]);
}

/** The words that start it, as those of `execv`; it finds firmware by `-L` only. */
export async function buildNativeQemu(): Promise<[string, ...string[]]> {
  const tools = await nativeTools();
  const folder = await runStep({
    name: "native-qemu",
    inputs: [
      ...[tools.identity, sources.qemu.sha256],
      ...repositoryFiles(...patches, "qemu-wasm/build/native", "qemu-wasm/build/qemu/devices-x86_64.mak"),
    ],
    async build(output, log) {
      await tools.run('source "$REPOSITORY/qemu-wasm/build/native/build.sh"', log, {
        TARBALL: tools.path(await fetchPoolFile(sources.qemu)),
        OUTPUT: tools.path(output),
        PATCHES: patches.join(" "),
      });
    },
  });
  const lib = join(folder, "lib");
  return [join(lib, "ld-linux-x86-64.so.2"), "--library-path", lib, join(folder, "qemu-system-x86_64")];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await buildNativeQemu()).join(" "));
