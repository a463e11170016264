import { rmSync } from "node:fs";

/** Deletes a file or folder when the process ends; hands the path back. */
export function removeAtExit(path: string): string {
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}
