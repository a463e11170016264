/** The exact sources behind every binary in the package: what the GPL asks the package to say. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository, repositoryFiles, sha256 } from "../../qemu-wasm/build/cache.ts";

/** A tarball, package, patch or file: its name or file, version, sha256 ... as the builds' versions.json have it. */
type Entry = Record<string, unknown>;

export interface Sources {
  /** Revision of this repository, whose folder qemu-wasm holds the build. */
  revision: string;
  engine: Record<string, Entry[]>;
  guests: Record<string, Entry[]>;
  /** Our own files that the engine and the guests are built from. */
  own: { file: string; sha256: string }[];
}

/** What a versions.json holds of sources, by these names; files are the outputs, not sources. */
const lists = ["sources", "patches", "firmware", "packages"];

export function collectSources(dist: string): Sources {
  const git = spawnSync("git", ["rev-parse", "HEAD"], { cwd: repository, encoding: "utf8" });
  return {
    revision: git.status === 0 ? git.stdout.trim() : "unknown",
    engine: listsOf(join(dist, "engine", "versions.json")),
    guests: listsOf(join(dist, "guests", "versions.json")),
    own: repositoryFiles("qemu-wasm").map((text) => {
      const end = text.indexOf("\n");
      return { file: text.slice(0, end), sha256: sha256(text.slice(end + 1)) };
    }),
  };
}

function listsOf(path: string): Record<string, Entry[]> {
  const versions = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  const found = lists.filter((name) => Array.isArray(versions[name]));
  if (found.length === 0) throw new Error(`${path} lists no sources (${lists.join(", ")}).`);
  return Object.fromEntries(found.map((name) => [name, versions[name] as Entry[]]));
}

export function sourcesText({ revision, engine, guests, own }: Sources): string {
  return [
    "# Sources",
    "",
    "Every binary of this package is built from the following, by the scripts in the folder qemu-wasm of QemuWeb's repository,",
    `at revision ${revision}: \`npm run build:engine\`, \`npm run build:guests\`. Tarballs and packages are Debian's, as its`,
    "archive and its snapshots keep them.",
    ...section("Engine", engine),
    ...section("Guests", guests),
    ...section("Our own files", { "": own }),
    "",
  ].join("\n");
}

function section(title: string, lists: Record<string, Entry[]>): string[] {
  const parts = Object.entries(lists).flatMap(([name, entries]) => [
    ...(name === "" ? [""] : ["", `### ${name[0]?.toUpperCase()}${name.slice(1)}`, ""]),
    ...table(entries),
  ]);
  return ["", `## ${title}`, ...parts];
}

function table(entries: Entry[]): string[] {
  const columns = [...new Set(entries.flatMap((entry) => Object.keys(entry)))];
  const row = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const body = entries.map((entry) => row(columns.map((column) => cell(entry[column]))));
  return [row(columns), row(columns.map(() => "---")), ...body];
}

/** Nested lists (the source files of a package) one below the other. */
function cell(value: unknown): string {
  if (Array.isArray(value)) return value.map(cell).join("<br>");
  if (typeof value === "object" && value !== null) return Object.values(value).map(cell).join(" ");
  return String(value ?? "");
}
