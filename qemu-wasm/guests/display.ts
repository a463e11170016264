import { quickWith } from "./with-program.ts";

const flags = ["-O2", "-fno-tree-vectorize", "-Wall", "-Wextra", "-Werror", "-static", "-s"];

/** The path of an initramfs with `screen` (display/) in it, which draws, and tells what is typed and pointed. */
export function displayInitramfs(): Promise<string> {
  return quickWith({ folder: "display", sources: ["*.c"], name: "screen", flags });
}
