import { quickWith } from "./quick-with.ts";

/** Loops stay as they are written: no vectors. */
const flags = ["-O2", "-fno-tree-vectorize", "-fno-tree-slp-vectorize", "-Wall", "-Wextra", "-Werror", "-static", "-s"];

/** The path of an initramfs with `engine-bench` (bench/) in it, which times the guest's CPU. */
export function benchInitramfs(): Promise<string> {
  return quickWith({ folder: "bench", sources: ["*.c"], name: "engine-bench", flags });
}
