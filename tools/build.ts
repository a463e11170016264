/** `npm run build`: engine, guests and pages together in dist/, the folder that Chrome loads as an extension. */
import { constants, cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { repository, repositoryFiles, sha256 } from "../qemu-wasm/build/cache.ts";
import { runCommand } from "../qemu-wasm/build/command.ts";
import { buildEngine } from "../qemu-wasm/build/engine.ts";
import { buildGuests } from "../qemu-wasm/guests/build.ts";
import { isMain } from "./lib/main.ts";
import { addQuickSnapshot } from "./quick-snapshot.ts";

export const dist = join(repository, "dist");

/** Everything of the repository that Vite's output depends on; what isn't there yet counts as empty. */
const inputs = [
  ...["background", "devtools", "offscreen", "panel", "popup", "public", "src", "qemu-wasm"],
  ...["manifest.json", "vite.config.ts", "package-lock.json", "tsconfig.json"],
];

/** What the engine's and guests' folders hold for others than the extension. */
const notShipped = new Set([".done", "tests"]);

/** Builds what changed; resolves to the folder of the extension. */
export async function buildExtension(): Promise<string> {
  // At once: much of the engine's time goes into configure scripts, which have one core's worth to do.
  const [engine, guests] = await Promise.all([buildEngine(), buildGuests()]);
  const present = inputs.filter((path) => existsSync(join(repository, path)));
  const stamp = sha256([engine, guests, ...repositoryFiles(...present)].join("\0"));
  const stampFile = join(dist, ".stamp");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return dist;

  process.stderr.write("[extension] building ...\n");
  const vite = await import("vite");
  await vite.build({ root: repository, configFile: join(repository, "vite.config.ts"), logLevel: "warn" });
  // Copies, not links: whoever changes a file in dist/ must not change the cache.
  copyShipped(engine, join(dist, "engine"));
  copyShipped(guests, join(dist, "guests"));
  await addQuickSnapshot(dist);
  writeFileSync(stampFile, stamp);
  return dist;
}

function copyShipped(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (source) => source === from || !notShipped.has(basename(source)),
  });
}

if (isMain(import.meta)) await runCommand(buildExtension);
