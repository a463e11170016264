/** A real Debian system on a disk, which the quick VM's kernel boots. For tests and benches; it is not shipped. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { repository, repositoryFiles, runStep } from "../build/cache.ts";
import { runLogged } from "../build/run-logged.ts";
import { debianSystem } from "../build/toolchain/debian-root.ts";
import { quick } from "./quick.ts";

/** How it is started: with the quick VM's kernel, whose drivers are built in, and no initramfs. Its shell's prompt. */
export const debian = {
  commandLine: `${quick.commandLine} ${quick.commandLineWithoutHostTsc} root=/dev/vda rw`,
  prompt: "root@debian:~# ",
} as const;

export interface DebianDisk {
  /** What is installed beside Debian's minimal system and busybox. */
  packages?: string[];
  /** MiB of the disk, which is one ext4 file system without a partition table. */
  size?: number;
  format?: "raw" | "qcow2";
}

/** The path of `debian.raw` or `debian.qcow2`, in a folder of its own. Needs root; whoever uses it doesn't change it. */
export async function debianDisk({ packages = [], size = 512, format = "raw" }: DebianDisk = {}): Promise<string> {
  if (format === "qcow2") return converted(await debianDisk({ packages, size }));
  const root = await debianSystem("debian-root", ["busybox-static", ...packages]);
  const scripts = ["init", "poweroff"];
  const folder = await runStep({
    name: "debian-disk",
    inputs: [
      basename(root),
      String(size),
      ...repositoryFiles("qemu-wasm/guests/debian", "qemu-wasm/guests/debian-disk.ts"),
    ],
    async build(folder, log) {
      const files = join(folder, "files");
      await runLogged("cp", ["-a", "--reflink=auto", root, files], log);
      for (const script of scripts) {
        const program = join(files, "usr/sbin", script);
        copyFileSync(join(repository, `qemu-wasm/guests/debian/${script}.sh`), program);
        await runLogged("chmod", ["755", program], log);
      }
      writeFileSync(join(files, "etc/hostname"), "debian\n");
      // What only installing needs: the packages' files, the archive's index, this cache's mark.
      rmSync(join(files, ".done"));
      for (const path of ["var/cache/apt", "var/lib/apt/lists"]) {
        for (const name of readdirSync(join(files, path))) rmSync(join(files, path, name), { recursive: true });
      }
      mkdirSync(join(files, "var/cache/apt/archives/partial"), { recursive: true });
      const image = join(folder, "debian.raw");
      await runLogged("mke2fs", ["-q", "-t", "ext4", "-L", "debian", "-d", files, image, `${size}M`], log);
      rmSync(files, { recursive: true });
    },
  });
  return join(folder, "debian.raw");
}

async function converted(raw: string): Promise<string> {
  const folder = await runStep({
    name: "debian-qcow2",
    inputs: [raw],
    async build(folder, log) {
      const files = [raw, join(folder, "debian.qcow2")];
      await runLogged("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", ...files], log);
    },
  });
  return join(folder, "debian.qcow2");
}
