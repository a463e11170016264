import { quickWith } from "./with-program.ts";

const flags = ["-O2", "-pthread", "-mcx16", "-Wall", "-Wextra", "-Werror", "-static", "-s"];

/** The path of an initramfs with `smp-stress` (smp/) in it, which has several CPUs work together. */
export function smpInitramfs(): Promise<string> {
  return quickWith({ folder: "smp", sources: ["*.c"], name: "smp-stress", flags });
}
