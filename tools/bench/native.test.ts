import { expect, it } from "vitest";
import { nativeArguments } from "./native.ts";

it("keeps the machine, and leaves out what only the extension's host needs", () => {
  const line =
    "qemu-system-x86_64 -nodefaults -display none -L /firmware -machine q35 -accel tcg,thread=single -chardev web,id=serial0 " +
    "-serial chardev:serial0 -object monitor-qmp,id=monitor,chardev=qmp -kernel /files/vmlinux -append";
  const args = nativeArguments([...line.split(" "), "console=ttyS0 quiet"], { kernel: "/k", initrd: "/i" });
  expect(args.join(" ")).toBe(
    "-nodefaults -display none -machine q35 -accel tcg -kernel /k -append console=ttyS0 quiet -serial stdio",
  );
});
