/** The quick VM's initramfs with a program of ours in it, for tests and benches. It is not shipped. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { insideCache, repositoryFiles, runStep } from "../build/cache.ts";
import { runInRoot } from "../build/debian.ts";
import { toolchainRoot } from "../build/toolchain.ts";
import { buildGuests } from "./build.ts";
import { cpio } from "./cpio.ts";
import { quick } from "./quick.ts";

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

/** The path of `FOLDER.cpio`: the kernel unpacks the two archives in it one after the other. */
export async function quickWith({ folder, sources, name, flags }: Program): Promise<string> {
  const root = await toolchainRoot();
  const guests = await buildGuests();
  const own = [folder, "quick-with.ts", "cpio.ts"].map((file) => `qemu-wasm/guests/${file}`);
  const built = await runStep({
    name: `${folder}-initramfs`,
    inputs: [basename(root), basename(guests), name, ...sources, ...flags, ...repositoryFiles(...own)],
    build(output, log) {
      const files = sources.map((pattern) => `/repository/qemu-wasm/guests/${folder}/${pattern}`);
      runInRoot(root, `gcc ${flags.join(" ")} -o ${join(insideCache(output), name)} ${files.join(" ")}`, log);
      const content = readFileSync(join(output, name));
      const added = cpio([{ path: `bin/${name}`, type: "file", mode: 0o755, content }]);
      writeFileSync(join(output, `${folder}.cpio`), Buffer.concat([readFileSync(join(guests, quick.initrd)), added]));
    },
  });
  return join(built, `${folder}.cpio`);
}
