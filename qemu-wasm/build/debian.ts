/** Sources and packages from Debian, by whatever mirror this machine is configured with. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { cacheRoot, repository, runStep, sha256 } from "./cache.ts";

/** The suite that tools and guests come from: stable, so that its index and its pool agree. */
export const suite = "trixie";

/** The Debian archive's URL, without a slash at its end; QEMUWEB_DEBIAN_MIRROR names another. */
export function mirror(): string {
  if (process.env.QEMUWEB_DEBIAN_MIRROR) return process.env.QEMUWEB_DEBIAN_MIRROR.replace(/\/$/, "");
  const targets = spawnSync("apt-get", ["indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL) $(COMPONENT)"], {
    encoding: "utf8",
  });
  const uri = /^(\S+) Debian Debian main$/m.exec(targets.stdout ?? "")?.[1];
  if (uri === undefined) {
    throw new Error("No Debian mirror is configured: set QEMUWEB_DEBIAN_MIRROR to the URL of one.");
  }
  return uri.replace(/\/$/, "");
}

export interface PoolFile {
  /** Path below the archive's `pool/main`. */
  path: string;
  sha256: string;
}

/** A file of Debian's pool, downloaded once; its hash is checked at every use. */
export async function fetchPoolFile(file: PoolFile): Promise<string> {
  const folder = join(cacheRoot, "downloads");
  const path = join(folder, basename(file.path));
  const shared = join(repository, "..", "shared", "sources", basename(file.path));
  for (const candidate of [path, shared]) {
    if (existsSync(candidate) && sha256(readFileSync(candidate)) === file.sha256) return candidate;
  }
  mkdirSync(folder, { recursive: true });
  const url = `${mirror()}/pool/main/${file.path.replace("+", "%2B")}`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${basename(file.path)}: the mirror answered ${response.status}.`);
  const data = new Uint8Array(await response.arrayBuffer());
  const actual = sha256(data);
  if (actual !== file.sha256) throw new Error(`${basename(file.path)} has sha256 ${actual}, not ${file.sha256}.`);
  writeFileSync(`${path}.part`, data);
  renameSync(`${path}.part`, path);
  return path;
}

/** A minimal Debian system with `packages` in a cache folder, made by debootstrap. Needs root. */
export function debianRoot(name: string, packages: string[]): Promise<string> {
  return runStep({
    name,
    inputs: [suite, ...packages],
    build(folder, log) {
      if (process.getuid?.() !== 0) {
        throw new Error(
          "debootstrap needs root. Run it as root, or in a container: " +
            'docker run --privileged -v "$PWD:/src" -w /src node:20-bookworm npm run build:engine',
        );
      }
      const args = ["--variant=minbase", `--include=${packages.join(",")}`, suite, folder, mirror()];
      runLogged("debootstrap", args, log);
    },
  });
}

/** Prints every tenth part of what counts itself as ninja does, `[12/345] ...`. */
const progress = `match($0, /^\\[[0-9]+\\/[0-9]+\\]/) {
  split(substr($0, 2, RLENGTH - 2), count, "/")
  tenths = int(10 * count[1] / count[2])
  if (count[2] > 100 && tenths != last) { printf "  %d%%\\n", 10 * tenths; fflush(); last = tenths }
}`;

/** Runs a program with its output in the log and its progress on standard error; throws with its name when it fails. */
export function runLogged(command: string, args: string[], log: string): void {
  const logged = '"${@:2}" 2>&1 | tee -a "$0" | awk "$1" >&2';
  const result = spawnSync("bash", ["-o", "pipefail", "-c", logged, log, progress, command, ...args], {
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) throw new Error(`${command} ended with ${result.status ?? result.signal}.`);
}

/**
 * Runs a bash script inside a root made by `debianRoot`. The cache is at /cache and the repository (read-only) at /repository:
 * paths are the same on every machine. Mounts vanish with the process.
 */
export function runInRoot(root: string, script: string, log: string, variables: Record<string, string> = {}): void {
  const enter = [
    'mkdir -p "$1/cache" "$1/repository"',
    'mount --bind "$2" "$1/cache"',
    'mount --bind -o ro "$3" "$1/repository"',
    'mount -t proc proc "$1/proc"',
    'mount --bind /dev "$1/dev"',
    'exec chroot "$1" /usr/bin/env -i "${@:5}" bash -e -o pipefail -c "$4"',
  ].join(" && ");
  const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LC_ALL: "C.UTF-8", ...variables };
  const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  runLogged(
    "unshare",
    [
      "--mount",
      "--pid",
      "--fork",
      "--kill-child",
      "bash",
      "-c",
      enter,
      "enter",
      root,
      cacheRoot,
      repository,
      script,
      ...words,
    ],
    log,
  );
}

/** Version of an installed package in a root. */
export function packageVersion(root: string, name: string): string {
  return execFileSync("chroot", [root, "dpkg-query", "-W", "-f", "${Version}", name], { encoding: "utf8" });
}
