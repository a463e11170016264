/** A kernel that nobody here configured: Debian's, with busybox around it. For tests and benches; it is not shipped. */
import { copyFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { insideCache, repositoryFiles, runStep } from "../build/cache.ts";
import { runInRoot } from "../build/debian.ts";
import { toolchainRoot } from "../build/toolchain.ts";
import { buildGuests } from "./build.ts";
import { downloadPackages } from "./packages.ts";

/** `append` for it; its shell's prompt. */
export const stock = { commandLine: "console=ttyS0", prompt: "root@stock:~# " } as const;

/** A folder with `vmlinuz` (of Debian's linux-image-cloud-amd64) and `initramfs.cpio` (busybox to a root shell on the console). */
export async function stockKernel(): Promise<string> {
  const root = await toolchainRoot();
  const guests = await buildGuests();
  const packages = await downloadPackages("stock-packages", ["linux-image-cloud-amd64"], {
    dependencies: "^linux-image-[0-9]",
  });
  return runStep({
    name: "stock-kernel",
    inputs: [basename(packages), basename(guests), ...repositoryFiles("qemu-wasm/guests/stock.ts")],
    build(folder, log) {
      const deb = readdirSync(packages).find((name) => name.endsWith(".deb"));
      if (deb === undefined) throw new Error("linux-image-cloud-amd64 depends on no kernel.");
      const script = `dpkg-deb --fsys-tarfile "$DEB" | tar -xO --wildcards './boot/vmlinuz-*' >"$TO/vmlinuz"`;
      runInRoot(root, script, log, { DEB: join(insideCache(packages), deb), TO: insideCache(folder) });
      copyFileSync(join(guests, "tests/stock.cpio"), join(folder, "initramfs.cpio"));
      copyFileSync(join(packages, "packages.json"), join(folder, "packages.json"));
    },
  });
}
