import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { qemuImg } from "../../../test/lib/qemu-img.ts";
import { removeAtExit } from "../../../test/lib/temporary.ts";
import type { DiskFormat } from "../../model/profile.ts";

/** What qemu-img makes: formats, and options of each. */
export const MADE: [format: DiskFormat, options: string[]][] = [
  ["raw", []],
  ["qcow2", []],
  ["vmdk", []],
  ["vmdk", ["-o", "subformat=streamOptimized"]],
  ["vdi", []],
  ["vdi", ["-o", "static=on"]],
  ["vhdx", []],
  ["vpc", ["-o", "force_size=on"]],
  ["vpc", ["-o", "subformat=fixed"]],
];

/** A folder for what qemu-img writes; it is deleted at the end. */
export function imageMaker(prefix: string) {
  const folder = removeAtExit(mkdtempSync(join(tmpdir(), prefix)));
  const path = (name: string) => join(folder, name);
  const run = (...args: string[]) => execFileSync(qemuImg ?? "", args, { encoding: "utf8", stdio: "pipe" });
  /** An image, at the path `made`, of a disk of `size` bytes that begins with `bytes`. */
  function make(format: string, options: string[], bytes: Uint8Array, size: number): Buffer {
    writeFileSync(path("source.raw"), bytes);
    truncateSync(path("source.raw"), size);
    run("convert", "-f", "raw", "-O", format, ...options, path("source.raw"), path("made"));
    return readFileSync(path("made"));
  }
  return { path, run, make };
}
