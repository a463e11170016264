/** The libraries that QEMU links: static, for wasm, each a step of its own. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { repository, repositoryFiles, runStep } from "./cache.ts";
import { fetchPoolFile } from "./debian.ts";
import { compileFlags, emscriptenEnvironment, mesonCrossFile } from "./emscripten.ts";
import { type Source, sources } from "./sources.ts";
import type { Toolchain } from "./toolchain.ts";

/** Each with those that it needs. */
const libraries = { zlib: [], pcre2: [], glib: ["zlib", "pcre2"], pixman: [], dtc: [] } as const;

export type Library = keyof typeof libraries;

export const libraryNames = Object.keys(libraries) as Library[];

/** Builds what isn't cached, at once what can be; resolves to each library's prefix, as scripts see it. */
export async function buildDependencies(toolchain: Toolchain, cold: boolean): Promise<Record<Library, string>> {
  const begun = new Map<Library, Promise<string>>();
  const prefix = (name: Library): Promise<string> => {
    const building =
      begun.get(name) ??
      Promise.all(libraries[name].map(prefix)).then((needed) => build(toolchain, name, needed, cold));
    begun.set(name, building);
    return building;
  };
  const prefixes = await Promise.all(libraryNames.map(async (name) => [name, await prefix(name)] as const));
  return Object.fromEntries(prefixes) as Record<Library, string>;
}

async function build(toolchain: Toolchain, name: Library, needed: string[], cold: boolean): Promise<string> {
  const source: Source = sources[name];
  const script = `qemu-wasm/build/dependencies/${name}.sh`;
  const patches = patchesOf(name);
  const folder = await runStep({
    name: `dependency-${name}`,
    inputs: [
      ...[toolchain.identity, source.sha256, compileFlags, mesonCrossFile],
      ...[...repositoryFiles(script, ...patches), ...needed],
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
      await toolchain.run(build, log, {
        ...emscriptenEnvironment(toolchain),
        NAME: name,
        PREFIX: toolchain.path(output),
        TARBALL: toolchain.path(tarball),
        PKG_CONFIG_LIBDIR: pkgConfigPath(needed),
      });
    },
  });
  return toolchain.path(folder);
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
