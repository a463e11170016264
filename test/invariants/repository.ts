import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The repository's own files: those that git knows, or would take with the next `git add`. */
export function repositoryFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "--deduplicate"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return listed.split("\n").filter((path) => path !== "" && existsHere(path));
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

export interface Import {
  from: string;
  /** Path in the repository, or a package's name. */
  to: string;
  typeOnly: boolean;
}

/** `import ... from "x"`, `export ... from "x"`, `import "x"`, `import("x")`. */
const IMPORT =
  /(?:^|\n)\s*(import|export)(\s+type)?\s(?:[^"';]*?\sfrom\s)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;

/** What a TypeScript source imports. */
export function imports(path: string, source = read(path)): Import[] {
  return [...source.matchAll(IMPORT)].map(([, , type, plain, dynamic]) => {
    const to = plain ?? dynamic ?? "";
    const target = to.startsWith(".") ? normalize(join(dirname(path), to)) : to;
    return { from: path, to: target, typeOnly: type !== undefined };
  });
}

function existsHere(path: string): boolean {
  try {
    read(path);
    return true;
  } catch {
    return false; // deleted, not committed yet
  }
}
