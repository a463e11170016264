/** Compiles init.c, PID 1 of the small guests. */
import { basename, join } from "node:path";
import { insideCache, repositoryFiles, runStep } from "../build/cache.ts";
import { runInRoot } from "../build/debian.ts";
import { nativeToolchainRoot } from "../build/native.ts";
import { toolchainRoot } from "../build/toolchain.ts";

const flags = [
  ...["-Os", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"],
  ...["-fno-asynchronous-unwind-tables", "-fno-ident", "-fno-stack-protector", "-nostdlib", "-static", "-s"],
  ...["-Wl,--build-id=none", "-Wl,-z,noseparate-code"],
];

/** The path of the program. `linux` is the kernel's source tree in the cache (for its nolibc). */
export async function buildInit(linux: string, cold = false): Promise<string> {
  return compile("guest-init", await toolchainRoot(), linux, flags, cold);
}

/** The same for a 32-bit guest. */
export async function buildInit32(linux: string): Promise<string> {
  return compile("guest-init-32", await nativeToolchainRoot(), linux, ["-m32", ...flags]);
}

async function compile(name: string, root: string, linux: string, flags: string[], cold = false): Promise<string> {
  const folder = await runStep({
    name,
    inputs: [basename(root), basename(linux), ...flags, ...repositoryFiles("qemu-wasm/guests/init.c")],
    cold,
    build(folder, log) {
      const nolibc = join(insideCache(linux), "tools/include/nolibc/nolibc.h");
      const output = join(insideCache(folder), "init");
      runInRoot(
        root,
        `gcc ${flags.join(" ")} -include ${nolibc} -o ${output} /repository/qemu-wasm/guests/init.c`,
        log,
      );
    },
  });
  return join(folder, "init");
}
