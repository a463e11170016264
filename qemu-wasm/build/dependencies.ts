/** The libraries that QEMU links: static, for wasm, each a step of its own. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { insideCache, repository, repositoryFiles, runStep } from "./cache.ts";
import { fetchPoolFile, runInRoot } from "./debian.ts";
import { compileFlags, emscriptenEnvironment, mesonCrossFile } from "./emscripten.ts";
import { type Source, sources } from "./sources.ts";

/** In an order in which each finds what it needs among the earlier. */
export const libraryNames = ["zlib", "pcre2", "glib", "pixman", "dtc"] as const;

/** Builds what isn't cached; resolves to each library's prefix, as the toolchain root sees it. */
export async function buildDependencies(root: string, cold: boolean): Promise<string[]> {
  const prefixes: string[] = [];
  for (const name of libraryNames) {
    const source: Source = sources[name];
    const script = `qemu-wasm/build/dependencies/${name}.sh`;
    const patches = patchesOf(name);
    const folder = await runStep({
      name: `dependency-${name}`,
      inputs: [root, source.sha256, compileFlags, mesonCrossFile, ...repositoryFiles(script, ...patches), ...prefixes],
      cold,
      async build(output, log) {
        const tarball = await fetchPoolFile(source);
        const build = [
          'rm -rf /tmp/$NAME && mkdir -p "$PREFIX" /tmp/$NAME && cd /tmp/$NAME',
          'tar xf "$TARBALL" --strip-components=1',
          ...patches.map((patch) => `patch -p1 < "/repository/${patch}"`),
          `cat > /tmp/cross.ini <<'END'\n${mesonCrossFile}END`,
          `source /repository/${script}`,
          "rm -rf /tmp/$NAME",
        ].join("\n");
        runInRoot(root, build, log, {
          ...emscriptenEnvironment(),
          NAME: name,
          PREFIX: insideCache(output),
          TARBALL: insideCache(tarball),
          PKG_CONFIG_LIBDIR: pkgConfigPath(prefixes),
        });
      },
    });
    prefixes.push(insideCache(folder));
  }
  return prefixes;
}

/** Our patches to a source, in their order. */
export function patchesOf(name: string): string[] {
  const folder = `qemu-wasm/patches/${name}`;
  if (!existsSync(join(repository, folder))) return [];
  return readdirSync(join(repository, folder))
    .sort()
    .map((file) => `${folder}/${file}`);
}

/** Where pkg-config looks for the libraries below `prefixes`. */
export function pkgConfigPath(prefixes: string[]): string {
  return prefixes.map((prefix) => join(prefix, "lib/pkgconfig")).join(":");
}
