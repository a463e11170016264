/** `npm run package`: the Web Store zip, the same bytes from the same inputs, with licences and sources of all that's in it. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { repository } from "../qemu-wasm/build/cache.ts";
import { buildExtension } from "./build.ts";
import { isMain } from "./lib/main.ts";
import { npmPackages, thirdPartyText } from "./package/npm-licences.ts";
import { collectSources, sourcesText } from "./package/sources.ts";

/** Zip has local times and no zone; fflate reads the Date the same way, so this is the same everywhere. */
const mtime = new Date(2000, 0, 1);

/** Builds the zip; resolves to its path. */
export async function packageExtension(): Promise<string> {
  const dist = await buildExtension();
  const { version } = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8")) as { version: string };
  const sources = collectSources(dist);
  const files: Record<string, Uint8Array> = {
    "manifest.json": readFileSync(join(dist, "manifest.json")), // first: who looks into the zip sees what it is
    COPYING: readFileSync(join(repository, "COPYING")),
    LICENSE: readFileSync(join(repository, "LICENSE")),
    "SOURCES.json": Buffer.from(`${JSON.stringify(sources, null, 2)}\n`),
    "SOURCES.md": Buffer.from(sourcesText(sources)),
    "THIRD-PARTY.txt": Buffer.from(thirdPartyText(npmPackages(repository))),
  };
  for (const path of filesBelow(dist)) {
    const name = relative(dist, path).split(sep).join("/");
    files[name] ??= readFileSync(path);
  }
  const zippable: Zippable = {};
  for (const [name, bytes] of Object.entries(files)) zippable[name] = [bytes, { mtime, level: 9 }];
  mkdirSync(join(repository, "artifacts"), { recursive: true });
  const zip = join(repository, "artifacts", `qemuweb-${version}.zip`);
  writeFileSync(zip, zipSync(zippable));
  return zip;
}

/** Paths below a folder, in one order everywhere; hidden files are the build's own. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith("."))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

export interface Sizes {
  /** Bytes. */
  wasm: number;
  /** The engine's JavaScript. */
  js: number;
  zip: number;
}

export async function packageSizes(): Promise<Sizes> {
  const zip = await packageExtension();
  const engine = join(repository, "dist", "engine", "qemu-system-x86_64");
  return { wasm: statSync(`${engine}.wasm`).size, js: statSync(`${engine}.js`).size, zip: statSync(zip).size };
}

if (isMain(import.meta)) {
  const zip = await packageExtension();
  const sizes = await packageSizes();
  for (const [name, bytes] of Object.entries(sizes))
    console.log(`${name.padEnd(4)} ${bytes.toLocaleString("en")} bytes`);
  console.log(zip);
}
