/** A guest that hangs with its watchdog armed (watchdog/hang.S), for tests. It is not shipped. */
import { join } from "node:path";
import { repositoryFiles, runStep } from "../build/cache.ts";
import { toolchain } from "../build/toolchain.ts";

/** Without the ELF file's headers in memory: they would lie below 1 MiB, where the firmware is. */
const link =
  "-N,-Ttext=0x101000,--section-start=.note.Xen=0x100000,--build-id=none,-z,noexecstack,--no-warn-rwx-segments";
const flags = `-m32 -nostdlib -static -no-pie -Wl,${link}`;

/** The path of a kernel for q35 that says `The watchdog is armed.` on the first serial port. */
export async function hangingKernel(): Promise<string> {
  const tools = await toolchain();
  const folder = await runStep({
    name: "hanging-kernel",
    inputs: [tools.identity, flags, ...repositoryFiles("qemu-wasm/guests/watchdog", "qemu-wasm/guests/watchdog.ts")],
    async build(folder, log) {
      const script = `gcc ${flags} -o "$TO/hang" "$REPOSITORY/qemu-wasm/guests/watchdog/hang.S"`;
      await tools.run(script, log, { TO: tools.path(folder) });
    },
  });
  return join(folder, "hang");
}
