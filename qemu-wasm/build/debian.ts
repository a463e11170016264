/** Sources and packages from Debian, by whatever mirror this machine is configured with. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { cacheRoot, repository, sha256 } from "./cache.ts";

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

/** What apt.sh is told. */
export function aptVariables(from = suite, architecture = "amd64") {
  return { MIRROR: mirror(), SUITE: from, ARCHITECTURE: architecture };
}
