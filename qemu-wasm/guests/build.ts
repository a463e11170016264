/** `npm run build:guests`: builds the guests that the extension ships, and prints the folder they are in. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { repository, repositoryFiles, runStep, sha256 } from "../build/cache.ts";
import { runCommand } from "../build/command.ts";
import { cpio } from "./cpio.ts";
import { buildInit } from "./init.ts";
import { closure, quickEntries, shellEntries } from "./initramfs.ts";
import { buildKernel, kernelConfig, kernelPatches, kernelSource } from "./kernel.ts";
import { copyLicences } from "./licences.ts";
import { downloadPackages, type Package, readPackages } from "./packages.ts";

/** versions.json: what the guests are, and the exact sources of every program in them. */
export interface GuestVersions {
  files: { file: string; sha256: string; bytes: number }[];
  /** Binary packages whose content is in the guests, each with its source packages. */
  packages: Package[];
  /** Our patches to linux-source. */
  patches: { file: string; sha256: string }[];
  /** Our own: the kernel's configuration, and the programs in the initramfs. init.c includes nolibc of the kernel's sources. */
  sources: { file: string; sha256: string }[];
}

const programs = ["init.c", "quick/udhcpc.sh", "quick/shutdown.sh"].map((name) => `qemu-wasm/guests/${name}`);

function linuxPackages(cold = false): Promise<string> {
  return downloadPackages("linux-package", ["linux-source-6.12"], { cold });
}

/** The folder of the kernel's source tree. */
export async function linuxSource(): Promise<string> {
  return kernelSource(await linuxPackages());
}

/**
 * Resolves to a folder with `quick/vmlinux`, `quick/initramfs.cpio`, `quick/licences/` and `versions.json`, and what is not
 * shipped in `tests/`: System.map of the kernel.
 */
export async function buildGuests(cold = false): Promise<string> {
  const linuxPackage = await linuxPackages(cold);
  const busyboxPackage = await downloadPackages("busybox-package", ["busybox-static"], { cold });
  const agentPackages = await downloadPackages("agent-packages", ["qemu-guest-agent"], { dependencies: ".", cold });
  const source = await kernelSource(linuxPackage, cold);
  const kernel = await buildKernel(source, cold);
  const init = await buildInit(source, cold);
  const own = ["build", "cpio", "initramfs", "licences"].map((name) => `qemu-wasm/guests/${name}.ts`);
  const inputs = [linuxPackage, busyboxPackage, agentPackages, kernel].map((folder) => basename(folder));

  return runStep({
    name: "guests",
    inputs: [...inputs, sha256(readFileSync(init)), ...repositoryFiles(...own, ...programs)],
    cold,
    async build(folder, log) {
      const work = join(folder, "work");
      mkdirSync(work);
      const busybox = await closure(busyboxPackage, "usr/bin/busybox", join(work, "busybox"), log);
      const agent = await closure(agentPackages, "usr/sbin/qemu-ga", join(work, "agent"), log);
      const programFile = busybox.get("bin/busybox");
      if (programFile === undefined) throw new Error("busybox-static has no busybox.");

      mkdirSync(join(folder, "quick"));
      mkdirSync(join(folder, "tests"));
      copyFileSync(join(kernel, "vmlinux"), join(folder, "quick/vmlinux"));
      copyFileSync(join(kernel, "System.map"), join(folder, "tests/System.map"));
      const quick = [...shellEntries("quick", init, programFile), ...quickEntries(agent)];
      writeFileSync(join(folder, "quick/initramfs.cpio"), cpio(quick));

      const unpacked = new Map([["busybox-static", join(work, "busybox/busybox-static")]]);
      for (const file of agent.values()) {
        const [name = ""] = relative(join(work, "agent"), file).split("/");
        unpacked.set(name, join(work, "agent", name));
      }
      await copyLicences(join(folder, "quick/licences"), unpacked, source, log);

      const known = [linuxPackage, busyboxPackage, agentPackages].flatMap(readPackages);
      const hashed = (file: string) => ({ file, sha256: sha256(readFileSync(join(repository, file))) });
      const versions: GuestVersions = {
        files: ["quick/vmlinux", "quick/initramfs.cpio"].map((file) => {
          const content = readFileSync(join(folder, file));
          return { file, sha256: sha256(content), bytes: content.length };
        }),
        packages: known.filter(({ package: name }) => name === "linux-source-6.12" || unpacked.has(name)),
        patches: kernelPatches().map(hashed),
        sources: [kernelConfig, ...programs].map(hashed),
      };
      writeFileSync(join(folder, "versions.json"), `${JSON.stringify(versions, null, 2)}\n`);
      rmSync(work, { recursive: true });
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runCommand(() => buildGuests(process.argv.includes("--cold")));
}
