import { constants, cpSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { removeAtExit } from "../../test/lib/temporary.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A copy of the extension whose VMs keep disks' changes in memory alone: what storing them costs is seen against it. */
export async function withoutStore(extension: string): Promise<string> {
  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-memory-")));
  cpSync(extension, folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
  const outDir = join(folder, "assets");
  const worker = readdirSync(outDir).find((name) => /^worker-.*\.js$/.test(name));
  if (!worker) throw new Error("The extension has no Worker.");
  await build({
    configFile: false,
    logLevel: "warn",
    plugins: [
      {
        name: "memory-overlays",
        enforce: "pre",
        resolveId: (id) => (id.endsWith("/overlay-store.ts") ? here("memory-overlays.ts") : undefined),
      },
    ],
    build: {
      ...{ target: "esnext", outDir, emptyOutDir: false },
      rollupOptions: {
        input: here("../../qemu-wasm/worker.ts"),
        output: { entryFileNames: worker, codeSplitting: false },
      },
    },
  });
  return folder;
}
