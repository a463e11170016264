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

it("reads disks from files, and writes elsewhere", () => {
  const line = "qemu-system-x86_64 -drive if=none,id=disk0,file.driver=web,file.device=disk0,format=raw";
  const args = nativeArguments(line.split(" "), { kernel: "/k", disks: { disk0: "/a,b" } });
  expect(args.join(" ")).toBe(
    "-drive if=none,id=disk0,file.driver=file,file.filename=/a,,b,format=raw -snapshot -serial stdio",
  );
  expect(() => nativeArguments(line.split(" "), { kernel: "/k" })).toThrow("There is no file for the disk disk0.");
});
