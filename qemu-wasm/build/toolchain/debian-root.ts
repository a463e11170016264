/** Debian systems in the cache, the same on every machine: as toolchains, and for what else wants one. They take root. */
import { execFileSync } from "node:child_process";
import { basename, join, relative } from "node:path";
import { cacheRoot, repository, runStep } from "../cache.ts";
import { mirror, suite } from "../debian.ts";
import { runLogged } from "../run-logged.ts";
import type { Toolchain, Tools } from "../toolchain.ts";
import { toolchainPackages } from "./packages.ts";

/** The folder of a minimal Debian system with `packages`, made by debootstrap. */
export function debianSystem(name: string, packages: string[]): Promise<string> {
  return runStep({
    name,
    inputs: [suite, ...packages],
    async build(folder, log) {
      if (process.getuid?.() !== 0) throw new Error("It is a Debian system of its own, which only root can make.");
      const args = ["--variant=minbase", `--include=${packages.join(",")}`, suite, folder, mirror()];
      try {
        await runLogged("debootstrap", args, log);
      } catch (cause) {
        const hint = "In a container that may not mount, set QEMUWEB_TOOLCHAIN=path to build without it.";
        throw new Error(`${(cause as Error).message} ${hint}`, { cause });
      }
    },
  });
}

/** The programs of such a system. */
export async function debianTools(name: string, packages: string[]): Promise<Tools> {
  return toolsIn(await debianSystem(name, packages));
}

export async function debianRoot(): Promise<Toolchain> {
  const root = await debianSystem("toolchain", toolchainPackages);
  return { ...toolsIn(root), emscripten: packageVersion(root, "emscripten"), flags: "" };
}

function toolsIn(root: string): Tools {
  return {
    identity: basename(root),
    path: (path) => join("/cache", relative(cacheRoot, path)),
    run: (script, log, variables = {}) => runInRoot(root, script, log, variables),
  };
}

/** Runs a bash script inside. The cache is at /cache, the repository (read-only) at /repository. Mounts vanish with the process. */
function runInRoot(root: string, script: string, log: string, variables: Record<string, string>): Promise<void> {
  const enter = [
    'mkdir -p "$1/cache" "$1/repository"',
    'mount --bind "$2" "$1/cache"',
    'mount --bind -o ro "$3" "$1/repository"',
    'mount -t proc proc "$1/proc"',
    'mount --bind /dev "$1/dev"',
    'exec chroot "$1" /usr/bin/env -i "${@:5}" bash -e -o pipefail -c "$4"',
  ].join(" && ");
  const environment = {
    ...{ PATH: "/usr/share/emscripten:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LC_ALL: "C.UTF-8" },
    ...{ REPOSITORY: "/repository", WORK: "/tmp", ...variables },
  };
  const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const bash = ["bash", "-c", enter, "enter", root, cacheRoot, repository, script, ...words];
  return runLogged("unshare", ["--mount", "--pid", "--fork", "--kill-child", ...bash], log);
}

/** Version of an installed package in a root. */
function packageVersion(root: string, name: string): string {
  return execFileSync("chroot", [root, "dpkg-query", "-W", "-f", "${Version}", name], { encoding: "utf8" });
}
