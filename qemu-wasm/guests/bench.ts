/** The quick VM's initramfs with `engine-bench` (bench/) in it, which times the guest's CPU. It is not shipped. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { insideCache, repositoryFiles, runStep } from "../build/cache.ts";
import { runInRoot } from "../build/debian.ts";
import { toolchainRoot } from "../build/toolchain.ts";
import { buildGuests } from "./build.ts";
import { cpio } from "./cpio.ts";
import { quick } from "./quick.ts";

/** Loops stay as they are written: no vectors. */
const flags = ["-O2", "-fno-tree-vectorize", "-fno-tree-slp-vectorize", "-Wall", "-Wextra", "-Werror", "-static", "-s"];

/** The path of `bench.cpio`: the kernel unpacks the two archives in it one after the other. */
export async function benchInitramfs(): Promise<string> {
  const root = await toolchainRoot();
  const guests = await buildGuests();
  const own = ["bench", "bench.ts", "cpio.ts"].map((name) => `qemu-wasm/guests/${name}`);
  const folder = await runStep({
    name: "bench-initramfs",
    inputs: [basename(root), basename(guests), ...repositoryFiles(...own)],
    build(folder, log) {
      const output = join(insideCache(folder), "engine-bench");
      runInRoot(root, `gcc ${flags.join(" ")} -o ${output} /repository/qemu-wasm/guests/bench/*.c`, log);
      const content = readFileSync(join(folder, "engine-bench"));
      const added = cpio([{ path: "bin/engine-bench", type: "file", mode: 0o755, content }]);
      writeFileSync(join(folder, "bench.cpio"), Buffer.concat([readFileSync(join(guests, quick.initrd)), added]));
    },
  });
  return join(folder, "bench.cpio");
}
