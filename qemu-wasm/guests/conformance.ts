/** The quick VM's initramfs with `mix` (conformance/) in it, which digests what instructions compute. It is not shipped. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { insideCache, repositoryFiles, runStep } from "../build/cache.ts";
import { runInRoot } from "../build/debian.ts";
import { toolchainRoot } from "../build/toolchain.ts";
import { buildGuests } from "./build.ts";
import { cpio } from "./cpio.ts";
import { quick } from "./quick.ts";

/** Code lies at fixed addresses, which are part of some digests; inline assembly pushes, so that nothing may lie below the stack. */
const flags = [
  ...["-O2", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers", "-mno-red-zone", "-fno-stack-protector"],
  ...["-fcf-protection=none", "-fno-asynchronous-unwind-tables", "-fno-pie", "-no-pie", "-static", "-s"],
];

/** The path of `conformance.cpio`: the kernel unpacks the two archives in it one after the other. */
export async function conformanceInitramfs(): Promise<string> {
  const root = await toolchainRoot();
  const guests = await buildGuests();
  const own = ["conformance", "conformance.ts", "cpio.ts"].map((name) => `qemu-wasm/guests/${name}`);
  const folder = await runStep({
    name: "conformance-initramfs",
    inputs: [basename(root), basename(guests), ...repositoryFiles(...own)],
    build(folder, log) {
      const output = join(insideCache(folder), "mix");
      const sources = "/repository/qemu-wasm/guests/conformance";
      runInRoot(root, `gcc ${flags.join(" ")} -o ${output} ${sources}/*.c ${sources}/*.S`, log);
      const content = readFileSync(join(folder, "mix"));
      const added = cpio([{ path: "bin/mix", type: "file", mode: 0o755, content }]);
      writeFileSync(join(folder, "conformance.cpio"), Buffer.concat([readFileSync(join(guests, quick.initrd)), added]));
    },
  });
  return join(folder, "conformance.cpio");
}
