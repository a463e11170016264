import { quickWith } from "./with-program.ts";

const flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-static", "-s"];

/** The path of an initramfs with `records` (records/) in it, which writes and syncs numbered records for crash tests. */
export function recordsInitramfs(): Promise<string> {
  return quickWith({ folder: "records", sources: ["*.c"], name: "records", flags });
}
