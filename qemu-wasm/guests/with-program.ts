/** A guest's initramfs with a program of ours in it, for tests and benches. It is not shipped. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryFiles, runStep } from "../build/cache.ts";
import { nativeTools } from "../build/native.ts";
import { type Tools, toolchain } from "../build/toolchain.ts";
import { buildGuests } from "./build.ts";
import { cpio } from "./cpio.ts";
import { quick } from "./quick.ts";
import { stockKernel } from "./stock.ts";

export interface Program {
  /** The folder beside this file that holds its sources; names the step and the archive, too. */
  folder: string;
  /** Which of the folder's files are compiled: shell patterns. */
  sources: string[];
  /** Its name in the guest's /bin. */
  name: string;
  /** gcc's. */
  flags: string[];
}

/** The path of `FOLDER.cpio`, the quick VM's with the program: the kernel unpacks the two archives in it one after the other. */
export async function quickWith(program: Program): Promise<string> {
  const initramfs = join(await buildGuests(), quick.initrd);
  return withProgram(initramfs, program, `${program.folder}-initramfs`, await toolchain());
}

/** The same for the guest of Debian's 686 kernel: the program is compiled for 32 bits. */
export async function stock686With(program: Program): Promise<string> {
  const initramfs = join(await stockKernel("686"), "initramfs.cpio");
  const program32 = { ...program, flags: ["-m32", "-march=i686", ...program.flags] };
  return withProgram(initramfs, program32, `${program.folder}-686-initramfs`, await nativeTools());
}

async function withProgram(initramfs: string, program: Program, step: string, tools: Tools): Promise<string> {
  const { folder, sources, name, flags } = program;
  const own = [folder, "with-program.ts", "cpio.ts"].map((file) => `qemu-wasm/guests/${file}`);
  const built = await runStep({
    name: step,
    inputs: [tools.identity, initramfs, name, ...sources, ...flags, ...repositoryFiles(...own)],
    async build(output, log) {
      const files = sources.map((pattern) => `"$REPOSITORY"/qemu-wasm/guests/${folder}/${pattern}`);
      await tools.run(`gcc ${flags.join(" ")} -o "$TO/${name}" ${files.join(" ")}`, log, { TO: tools.path(output) });
      const content = readFileSync(join(output, name));
      const added = cpio([{ path: `bin/${name}`, type: "file", mode: 0o755, content }]);
      writeFileSync(join(output, `${folder}.cpio`), Buffer.concat([readFileSync(initramfs), added]));
    },
  });
  return join(built, `${folder}.cpio`);
}
