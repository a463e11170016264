/** Debian packages that guests are made of, downloaded with the exact sources behind them on record. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryFiles, runStep } from "../build/cache.ts";
import { aptVariables, suite } from "../build/debian.ts";
import { toolchain as chosenToolchain } from "../build/toolchain.ts";

export interface SourceFile {
  file: string;
  bytes: number;
  sha256: string;
}

/** A source package: what `apt-get source` would fetch. */
export interface Source {
  source: string;
  version: string;
  files: SourceFile[];
}

export interface Package {
  package: string;
  version: string;
  architecture: string;
  file: string;
  sha256: string;
  /** The package's own source first; then those of what is linked into it statically. */
  sources: Source[];
}

export interface DownloadOptions {
  /** A regular expression: of the packages and all that they depend on those whose names match are taken. */
  dependencies?: string;
  /** Default: the suite that everything comes from. */
  suite?: string;
  /** Default: amd64. */
  architecture?: string;
  cold?: boolean;
}

/** Downloads packages at the versions that the suite has today. The folder has `<package>.deb` each, and packages.json. */
export async function downloadPackages(
  name: string,
  packages: string[],
  options: DownloadOptions = {},
): Promise<string> {
  const toolchain = await chosenToolchain();
  const from = [options.suite ?? suite, options.architecture ?? "amd64"] as const;
  return runStep({
    name,
    inputs: [...from, ...packages, options.dependencies ?? "", ...files],
    cold: options.cold ?? false,
    async build(folder, log) {
      await toolchain.run('cd "$FOLDER" && source "$REPOSITORY/qemu-wasm/guests/packages.sh"', log, {
        ...aptVariables(...from),
        FOLDER: toolchain.path(folder),
        PACKAGES: packages.join(" "),
        DEPENDENCIES: options.dependencies ?? "",
      });
      const list = parsePackages(readFileSync(join(folder, "list"), "utf8"));
      writeFileSync(join(folder, "packages.json"), JSON.stringify(list, null, 2));
      rmSync(join(folder, "list"));
    },
  });
}

const files = repositoryFiles("qemu-wasm/guests/packages.ts", "qemu-wasm/guests/packages.sh", "qemu-wasm/build/apt.sh");

export function readPackages(folder: string): Package[] {
  return JSON.parse(readFileSync(join(folder, "packages.json"), "utf8"));
}

/** What packages.sh writes: a line a package, a line a source of it, a line a file of that. */
function parsePackages(list: string): Package[] {
  const packages: Package[] = [];
  for (const line of list.trim().split("\n")) {
    const [kind, ...words] = line.split(" ");
    const word = (index: number) => {
      const text = words[index];
      if (text === undefined) throw new Error(`packages.sh wrote a line that is too short: ${line}`);
      return text;
    };
    if (kind === "package") {
      packages.push({
        package: word(0),
        version: word(1),
        architecture: word(2),
        file: decodeURIComponent(word(3)),
        sha256: word(4),
        sources: [],
      });
    } else if (kind === "source") {
      packages.at(-1)?.sources.push({ source: word(0), version: word(1), files: [] });
    } else {
      const sha256 = /^SHA256:([0-9a-f]{64})$/.exec(word(2))?.[1];
      if (sha256 === undefined) throw new Error(`The archive names no sha256 for ${word(0)}.`);
      packages
        .at(-1)
        ?.sources.at(-1)
        ?.files.push({ file: word(0), bytes: Number(word(1)), sha256 });
    }
  }
  for (const { package: name, sources } of packages) {
    const bare = sources.length === 0 ? name : sources.find((source) => source.files.length === 0)?.source;
    if (bare !== undefined) throw new Error(`The archive has no sources for ${bare}.`);
  }
  return packages;
}
