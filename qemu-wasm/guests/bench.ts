import { type Program, quickWith, stock686With } from "./with-program.ts";

/** `engine-bench` (bench/), which times the guest's CPU. Loops stay as they are written: no vectors. */
const program: Program = {
  folder: "bench",
  sources: ["*.c"],
  name: "engine-bench",
  flags: ["-O2", "-fno-tree-vectorize", "-fno-tree-slp-vectorize", "-Wall", "-Wextra", "-Werror", "-static", "-s"],
};

/** The path of the quick VM's initramfs with the program in it. */
export function benchInitramfs(): Promise<string> {
  return quickWith(program);
}

/** The same for the guest of Debian's 686 kernel. */
export function benchInitramfs32(): Promise<string> {
  return stock686With(program);
}
