import { quickWith } from "./with-program.ts";

/** Code lies at fixed addresses, which are part of some digests; inline assembly pushes, so that nothing may lie below the stack. */
const flags = [
  ...["-O2", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers", "-mno-red-zone", "-fno-stack-protector"],
  ...["-fcf-protection=none", "-fno-asynchronous-unwind-tables", "-fno-pie", "-no-pie", "-static", "-s"],
];

/** The path of an initramfs with `mix` (conformance/) in it, which digests what instructions compute. */
export function conformanceInitramfs(): Promise<string> {
  return quickWith({ folder: "conformance", sources: ["*.c", "*.S"], name: "mix", flags });
}
