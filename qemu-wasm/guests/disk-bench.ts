import { quickWith } from "./with-program.ts";

/** The path of the quick VM's initramfs with `disk-bench` (disk-bench/), which times requests to a disk. */
export function diskBenchInitramfs(): Promise<string> {
  const flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-static", "-s"];
  return quickWith({ folder: "disk-bench", sources: ["*.c"], name: "disk-bench", flags });
}
