/** The libraries that QEMU links: static, for wasm, each a step of its own. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { repository, repositoryFiles, runStep } from "./cache.ts";
import { fetchPoolFile } from "./debian.ts";
import { compileFlags, emscriptenEnvironment, mesonCrossFile } from "./emscripten.ts";
import { type Source, sources } from "./sources.ts";
import type { Toolchain } from "./toolchain.ts";

/** In an order in which each finds what it needs among the earlier. */
export const libraryNames = ["zlib", "pcre2", "glib", "pixman", "dtc"] as const;

/** Builds what isn't cached; resolves to each library's prefix, as scripts see it. */
export async function buildDependencies(toolchain: Toolchain, cold: boolean): Promise<string[]> {
  const prefixes: string[] = [];
  for (const name of libraryNames) {
    const source: Source = sources[name];
    const script = `qemu-wasm/build/dependencies/${name}.sh`;
    const patches = patchesOf(name);
    const folder = await runStep({
      name: `dependency-${name}`,
      inputs: [
        toolchain.identity,
        source.sha256,
        compileFlags,
        mesonCrossFile,
        ...repositoryFiles(script, ...patches),
        ...prefixes,
      ],
      cold,
      async build(output, log) {
        const tarball = await fetchPoolFile(source);
        const build = [
          'rm -rf "$WORK/$NAME" && mkdir -p "$PREFIX" "$WORK/$NAME" && cd "$WORK/$NAME"',
          'tar xf "$TARBALL" --strip-components=1',
          ...patches.map((patch) => `patch -p1 < "$REPOSITORY/${patch}"`),
          `cat > cross.ini <<'END'\n${mesonCrossFile}END`,
          `source "$REPOSITORY/${script}"`,
          'rm -rf "$WORK/$NAME"',
        ].join("\n");
        toolchain.run(build, log, {
          ...emscriptenEnvironment(toolchain),
          NAME: name,
          PREFIX: toolchain.path(output),
          TARBALL: toolchain.path(tarball),
          PKG_CONFIG_LIBDIR: pkgConfigPath(prefixes),
        });
      },
    });
    prefixes.push(toolchain.path(folder));
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
