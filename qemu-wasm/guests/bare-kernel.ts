/** Guests that are a program alone, entered by PVH in 32 bits, for tests of devices. They are not shipped. */
import { join } from "node:path";
import { repositoryFiles, runStep } from "../build/cache.ts";
import { toolchain } from "../build/toolchain.ts";

/** Without the ELF file's headers in memory: they would lie below 1 MiB, where the firmware is. */
const link =
  "-N,-Ttext=0x101000,--section-start=.note.Xen=0x100000,--build-id=none,-z,noexecstack,--no-warn-rwx-segments";
const header = "qemu-wasm/guests/bare/bare.h";
const flags = `-m32 -O1 -ffreestanding -fno-stack-protector -nostdlib -static -no-pie -Wl,${link}`;

/** The path of a kernel made of one file of C or assembly, by its path in the repository. */
async function bareKernel(name: string, source: string): Promise<string> {
  const tools = await toolchain();
  const folder = await runStep({
    name: `${name}-kernel`,
    inputs: [tools.identity, flags, ...repositoryFiles(source, header, "qemu-wasm/guests/bare-kernel.ts")],
    async build(folder, log) {
      await tools.run(`gcc ${flags} -o "$TO/kernel" "$REPOSITORY/${source}"`, log, { TO: tools.path(folder) });
    },
  });
  return join(folder, "kernel");
}

/** For q35: hangs with its watchdog armed, when it has said `The watchdog is armed.` on the first serial port. */
export function hangingKernel(): Promise<string> {
  return bareKernel("hanging", "qemu-wasm/guests/bare/hang.S");
}

/** Plays 1000 Hz on an Intel HD Audio card, when it has said `The tone is played.` on the first serial port. */
export function toneKernel(): Promise<string> {
  return bareKernel("tone", "qemu-wasm/guests/bare/tone.c");
}

/** For q35: has a device change what memory is, and says `Wrong: N.`, of 4000 writes behind that, on the first serial port. */
export function banksKernel(): Promise<string> {
  return bareKernel("banks", "qemu-wasm/guests/bare/banks.c");
}
