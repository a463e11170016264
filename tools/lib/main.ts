import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether a module is the program itself, rather than imported by another. */
export function isMain(meta: ImportMeta): boolean {
  const program = process.argv[1];
  return program !== undefined && realpathSync(program) === fileURLToPath(meta.url);
}
