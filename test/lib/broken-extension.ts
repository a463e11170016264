import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dist } from "../../tools/build.ts";
import { removeAtExit } from "./temporary.ts";

/** A copy of the built extension that `spoil` does something to; deleted when the tests end. */
export function brokenExtension(spoil: (folder: string) => void): string {
  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-extension-")));
  cpSync(dist, folder, { recursive: true });
  spoil(folder);
  return folder;
}
