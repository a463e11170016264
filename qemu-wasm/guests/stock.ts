/** Kernels that nobody here configured: Debian's, with busybox around them. For tests and benches; they are not shipped. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { repositoryFiles, runStep } from "../build/cache.ts";
import { suite } from "../build/debian.ts";
import { toolchain as chosenToolchain } from "../build/toolchain.ts";
import { linuxSource } from "./build.ts";
import { cpio } from "./cpio.ts";
import { buildInit, buildInit32 } from "./init.ts";
import { closure, shellEntries } from "./initramfs.ts";
import { downloadPackages } from "./packages.ts";

/** `append` for them; their shell's prompt. */
export const stock = { commandLine: "console=ttyS0", prompt: "root@stock:~# " } as const;

/** The cloud kernel for amd64; the one for 32 bits is from the last Debian that has one. */
const kernels = {
  amd64: { kernel: "linux-image-cloud-amd64", suite, architecture: "amd64", init: buildInit },
  "686": { kernel: "linux-image-686", suite: "bookworm", architecture: "i386", init: buildInit32 },
};

export type StockName = keyof typeof kernels;

/** A folder with `vmlinuz` and `initramfs.cpio` (busybox to a root shell on the console). */
export async function stockKernel(name: StockName = "amd64"): Promise<string> {
  const { kernel, architecture, ...from } = kernels[name];
  const packages = await downloadPackages(`stock-${name}-kernel`, [kernel], {
    ...{ suite: from.suite, architecture, dependencies: "^linux-image-[0-9]" },
  });
  const shell = await downloadPackages(`stock-${name}-busybox`, ["busybox-static"], { architecture });
  const init = await from.init(await linuxSource());
  const toolchain = await chosenToolchain();
  const own = ["stock", "cpio", "initramfs"].map((file) => `qemu-wasm/guests/${file}.ts`);
  return runStep({
    name: `stock-${name}`,
    inputs: [basename(packages), basename(shell), init, ...repositoryFiles(...own)],
    async build(folder, log) {
      const deb = readdirSync(packages).find((file) => file.endsWith(".deb"));
      if (deb === undefined) throw new Error(`${kernel} depends on no kernel.`);
      const script = `dpkg-deb --fsys-tarfile "$DEB" | tar -xO --wildcards './boot/vmlinuz-*' >"$TO/vmlinuz"`;
      await toolchain.run(script, log, { DEB: join(toolchain.path(packages), deb), TO: toolchain.path(folder) });
      copyFileSync(join(packages, "packages.json"), join(folder, "packages.json"));

      const work = join(folder, "work");
      mkdirSync(work);
      const busybox = (await closure(shell, "usr/bin/busybox", join(work, "busybox"), log)).get("bin/busybox");
      if (busybox === undefined) throw new Error("busybox-static has no busybox.");
      writeFileSync(join(folder, "initramfs.cpio"), cpio(shellEntries("stock", init, busybox)));
      rmSync(work, { recursive: true });
    },
  });
}
