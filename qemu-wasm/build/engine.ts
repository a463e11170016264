/**
 * `npm run build:engine [-- --cold]`: QEMU for wasm, from source, into the cache. The output folder is what the extension ships
 * as `engine/` (and `tests/`, which it doesn't).
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryFiles, runStep, sha256 } from "./cache.ts";
import { runCommand } from "./command.ts";
import { fetchPoolFile } from "./debian.ts";
import { buildDependencies, type Library, libraryNames, pkgConfigPath } from "./dependencies.ts";
import { compileFlags, emscriptenEnvironment, linkFlags } from "./emscripten.ts";
import { fetchFirmware, firmwareFiles, firmwarePackages } from "./firmware.ts";
import { configured } from "./qemu/devices.ts";
import { type Source, sources } from "./sources.ts";
import { toolchain as chosenToolchain, type Toolchain } from "./toolchain.ts";

/** What must not be in the engine's JavaScript: the extension's CSP forbids it. */
const forbidden = [/\bnew Function\s*\(/, /[^.\w]eval\s*\(/];

async function buildQemu(toolchain: Toolchain, libraries: Record<Library, string>, cold: boolean): Promise<string> {
  const prefixes = Object.values(libraries);
  return runStep({
    name: "qemu",
    inputs: [
      ...[toolchain.identity, sources.qemu.sha256, compileFlags, ...linkFlags, ...prefixes],
      ...repositoryFiles("qemu-wasm/patches/qemu", "qemu-wasm/web", "qemu-wasm/build/qemu/build.sh"),
      ...repositoryFiles("qemu-wasm/build/qemu/devices-x86_64.mak"),
    ],
    cold,
    async build(folder, log) {
      const tarball = await fetchPoolFile(sources.qemu);
      const environment = emscriptenEnvironment(toolchain);
      await toolchain.run('source "$REPOSITORY/qemu-wasm/build/qemu/build.sh"', log, {
        ...environment,
        TARBALL: toolchain.path(tarball),
        OUTPUT: toolchain.path(folder),
        PREFIXES: prefixes.join(" "),
        FDT_PREFIX: libraries.dtc,
        COMPILE_FLAGS: environment.CFLAGS,
        LINK_FLAGS: linkFlags.join(" "),
        // emconfigure replaces PKG_CONFIG_LIBDIR by its own, and lets this one through.
        EM_PKG_CONFIG_PATH: pkgConfigPath(prefixes),
      });
      assertBuilt(folder);
    },
  });
}

/** The flags that the program was really linked with, and what they are for: no dynamic execution, no Asyncify. */
function assertBuilt(folder: string): void {
  const ninja = readFileSync(join(folder, "build.ninja"), "utf8");
  const rule = /^build qemu-system-x86_64\.js:[\s\S]*?^ LINK_ARGS = (.*)$/m.exec(ninja)?.[1] ?? "";
  const missing = linkFlags.filter((flag) => !rule.includes(flag));
  if (missing.length > 0) throw new Error(`QEMU was linked without ${missing.join(" ")}.`);
  const script = readFileSync(join(folder, "qemu-system-x86_64.js"), "utf8");
  const found = forbidden.find((pattern) => pattern.test(script));
  if (found) throw new Error(`qemu-system-x86_64.js holds ${found.source}.`);
  if (/asyncify_start_unwind/.test(script)) throw new Error("qemu-system-x86_64.js holds Asyncify.");
}

function fileEntry(folder: string, file: string) {
  const path = join(folder, file);
  return { file, sha256: sha256(readFileSync(path)), bytes: statSync(path).size };
}

/** The engine's folder: qemu-system-x86_64.{js,wasm}, firmware/, licences/, versions.json and tests/. */
export async function buildEngine(options: { cold?: boolean } = {}): Promise<string> {
  const cold = options.cold ?? false;
  const toolchain = await chosenToolchain();
  const [libraries, firmware] = await Promise.all([buildDependencies(toolchain, cold), fetchFirmware(toolchain, cold)]);
  const qemu = await buildQemu(toolchain, libraries, cold);
  return runStep({
    name: "engine",
    inputs: [
      ...[toolchain.identity, firmware, qemu].map((path) => basename(path)),
      ...repositoryFiles("qemu-wasm/build"),
    ],
    cold,
    async build(folder, log) {
      for (const part of ["qemu-system-x86_64.js", "qemu-system-x86_64.wasm", "tests"]) {
        cpSync(join(qemu, part), join(folder, part), { recursive: true });
      }
      for (const file of firmwareFiles) cpSync(join(firmware, file), join(folder, "firmware", file));
      cpSync(join(firmware, "licences"), join(folder, "licences"), { recursive: true });
      await collectLicences(toolchain, folder, log);
      const files = ["qemu-system-x86_64.js", "qemu-system-x86_64.wasm", ...firmwareFiles.map((f) => `firmware/${f}`)];
      const versions = {
        qemu: sources.qemu.version,
        ...configured(readFileSync(join(qemu, "devices.mak"), "utf8")),
        features: ["tcg-wasm", "tcg-interpreter", "coroutines-jspi"],
        toolchain: { emscripten: toolchain.emscripten },
        files: files.map((file) => fileEntry(folder, file)),
        sources: Object.values(sources).map(({ name, version, path, sha256 }) => ({
          ...{ name, version, file: basename(path), sha256 },
        })),
        firmware: firmwarePackages(firmware),
        patches: repositoryFiles("qemu-wasm/patches").map((text) => ({
          ...{
            file: text.slice(0, text.indexOf("\n")).replace("qemu-wasm/", ""),
            sha256: sha256(text.slice(text.indexOf("\n") + 1)),
          },
        })),
      };
      writeFileSync(join(folder, "versions.json"), `${JSON.stringify(versions, null, 2)}\n`);
    },
  });
}

/** Licence texts of everything linked in, as licences/<name>-<file>. */
async function collectLicences(toolchain: Toolchain, folder: string, log: string): Promise<void> {
  const output = join(folder, "licences");
  mkdirSync(output, { recursive: true });
  for (const name of ["qemu", ...libraryNames] as const) {
    const source: Source = sources[name];
    const tarball = await fetchPoolFile(source);
    const copy = source.licences.map((file) => `cp "${file}" "$OUTPUT/${source.name}-${basename(file)}"`);
    const script = [
      'work=$(mktemp -d) && cd "$work"',
      `tar xf "$TARBALL" --strip-components=1 --wildcards ${source.licences.map((file) => `'*/${file}'`).join(" ")}`,
      ...copy,
      'rm -rf "$work"',
    ].join("\n");
    await toolchain.run(script, log, { TARBALL: toolchain.path(tarball), OUTPUT: toolchain.path(output) });
  }
  if (readdirSync(output).length === 0) throw new Error("No licence text was found.");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runCommand(() => buildEngine({ cold: process.argv.includes("--cold") }));
}
