/** Licence texts of the npm packages that end up in the extension's JavaScript. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface PackageJson {
  name: string;
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

export interface NpmPackage {
  name: string;
  version: string;
  license: string;
  text: string;
}

/** The production dependencies of `folder`'s package.json, and theirs; throws when one has no licence text. */
export function npmPackages(folder: string): NpmPackage[] {
  const found = new Map<string, NpmPackage>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    const place = join(folder, "node_modules", name);
    const { version, license, dependencies } = readJson(join(place, "package.json"));
    found.set(name, { name, version, license: license ?? "see the text", text: licenceText(place) });
    Object.keys(dependencies ?? {}).forEach(visit);
  };
  Object.keys(readJson(join(folder, "package.json")).dependencies ?? {}).forEach(visit);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readJson(path: string): PackageJson {
  return JSON.parse(readFileSync(path, "utf8")) as PackageJson;
}

function licenceText(place: string): string {
  const file = readdirSync(place).find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file === undefined || !existsSync(join(place, file))) throw new Error(`${place} holds no licence text.`);
  return readFileSync(join(place, file), "utf8").trimEnd();
}

/** All of them as one text. */
export function thirdPartyText(packages: NpmPackage[]): string {
  const parts = packages.map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}\n`);
  const head =
    "The extension's JavaScript holds these packages of the npm registry. The licences of the engine (QEMU, its\n";
  const rest =
    "libraries, firmware) and of the guests lie in engine/licences and guests/*/licences; their sources: SOURCES.md.\n";
  return [`${head}${rest}`, ...parts].join(`\n${"-".repeat(80)}\n\n`);
}
