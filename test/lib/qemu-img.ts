import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of QEMU's own tool, if it is installed: it makes images for tests, and judges those of ours. */
export const qemuImg: string | undefined = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "qemu-img"))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
