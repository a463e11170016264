/**
 * The types of QMP and of the guest agent, from the schema of the QEMU that we build, into src/qemu: part of the set-up
 * (tools/with-setup.mjs), for tsc wants them. They are types only: nothing of them is in the extension.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository, repositoryFiles, runStep } from "../../qemu-wasm/build/cache.ts";
import { fetchPoolFile } from "../../qemu-wasm/build/debian.ts";
import { sources } from "../../qemu-wasm/build/sources.ts";
import { parseSchema } from "./parse.ts";
import { typesModule } from "./types.ts";

/** Of each module, the schema's files in QEMU's source. */
const modules = { qmp: "qapi/*.json", agent: "qga/*.json" };

/** What our patches to QEMU add to its schema. */
function applyPatches(source: string): void {
  const folder = join(repository, "qemu-wasm", "patches", "qemu");
  const only = Object.values(modules).map((files) => `--include=${files}`);
  for (const patch of readdirSync(folder).sort())
    execFileSync("git", ["apply", ...only, join(folder, patch)], { cwd: source });
}

/** The schema of `files` (a pattern) in QEMU's source, as a module. */
function generate(source: string, files: string): string {
  const folder = join(source, files.slice(0, files.indexOf("/")));
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const definitions = names.sort().flatMap((name) => parseSchema(readFileSync(join(folder, name), "utf8")));
  return typesModule(definitions, `${files} of QEMU ${sources.qemu.version}`);
}

const folder = await runStep({
  name: "qapi-types",
  inputs: [sources.qemu.sha256, ...repositoryFiles("tools/qapi", "qemu-wasm/patches/qemu")],
  async build(folder) {
    const source = mkdtempSync(join(tmpdir(), "qemuweb-qapi-"));
    try {
      const patterns = Object.values(modules).map((files) => `*/${files}`);
      const words = ["xf", await fetchPoolFile(sources.qemu), "-C", source, "--strip-components=1", "--wildcards"];
      execFileSync("tar", [...words, ...patterns]);
      applyPatches(source);
      for (const [name, files] of Object.entries(modules)) {
        writeFileSync(join(folder, `${name}.ts`), generate(source, files));
      }
    } finally {
      rmSync(source, { recursive: true, force: true });
    }
  },
});
for (const name of Object.keys(modules)) {
  const made = join(folder, `${name}.ts`);
  const wanted = join(repository, "src", "qemu", name, "schema.ts");
  if (!existsSync(wanted) || !readFileSync(wanted).equals(readFileSync(made))) copyFileSync(made, wanted);
}
