/** Compiles init.c, PID 1 of the small guests. */
import { basename, join } from "node:path";
import { repositoryFiles, runStep } from "../build/cache.ts";
import { nativeTools } from "../build/native.ts";
import { type Tools, toolchain } from "../build/toolchain.ts";

const flags = [
  ...["-Os", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"],
  ...["-fno-asynchronous-unwind-tables", "-fno-ident", "-fno-stack-protector", "-nostdlib", "-static", "-s"],
  ...["-Wl,--build-id=none", "-Wl,-z,noseparate-code"],
];

/** The path of the program. `linux` is the kernel's source tree in the cache (for its nolibc). */
export async function buildInit(linux: string, cold = false): Promise<string> {
  return compile("guest-init", await toolchain(), linux, flags, cold);
}

/** The same for a 32-bit guest. */
export async function buildInit32(linux: string): Promise<string> {
  return compile("guest-init-32", await nativeTools(), linux, ["-m32", ...flags]);
}

async function compile(name: string, tools: Tools, linux: string, flags: string[], cold = false): Promise<string> {
  const folder = await runStep({
    name,
    inputs: [tools.identity, basename(linux), ...flags, ...repositoryFiles("qemu-wasm/guests/init.c")],
    cold,
    async build(folder, log) {
      const nolibc = join(tools.path(linux), "tools/include/nolibc/nolibc.h");
      const output = join(tools.path(folder), "init");
      const source = '"$REPOSITORY/qemu-wasm/guests/init.c"';
      await tools.run(`gcc ${flags.join(" ")} -include ${nolibc} -o ${output} ${source}`, log);
    },
  });
  return join(folder, "init");
}
