/** QEMU's own tests of TCG (tests/tcg), compiled: bare programs, and an initramfs each with the Linux programs. Not shipped. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository, repositoryFiles, runStep } from "../build/cache.ts";
import { fetchPoolFile } from "../build/debian.ts";
import { nativeTools } from "../build/native.ts";
import { sources } from "../build/sources.ts";
import { cpio, type Entry } from "./cpio.ts";
import { type StockName, stockKernel } from "./stock.ts";

/** The two architectures, and Debian's kernel that runs the Linux programs of each. */
export const tcgTargets = { x86_64: "amd64", i386: "686" } as const satisfies Record<string, StockName>;

export type TcgTarget = keyof typeof tcgTargets;

/** A folder with `x86_64-softmmu`, `i386-softmmu`, `x86_64-linux-user` and `i386-linux-user`: a file a test. */
async function compiled(): Promise<string> {
  const tools = await nativeTools();
  return runStep({
    name: "tcg-tests",
    inputs: [tools.identity, sources.qemu.sha256, ...repositoryFiles("qemu-wasm/guests/tcg-tests/build.sh")],
    async build(folder, log) {
      const enter = 'work=$(mktemp -d) && cd "$work"';
      const build = 'source "$REPOSITORY/qemu-wasm/guests/tcg-tests/build.sh"';
      await tools.run(`${enter}\n${build}\nrm -rf "$work"`, log, {
        TARBALL: tools.path(await fetchPoolFile(sources.qemu)),
        OUTPUT: tools.path(folder),
      });
    },
  });
}

/** The path of a program that is a kernel of its own. */
export async function tcgSystemTest(target: TcgTarget, name: string): Promise<string> {
  return join(await compiled(), `${target}-softmmu`, name);
}

/** The path of an initramfs for Debian's kernel: a shell, the programs in /tests, and `/tests/run [NAME ...]`, which runs them. */
export async function tcgInitramfs(target: TcgTarget): Promise<string> {
  const tests = join(await compiled(), `${target}-linux-user`);
  const base = join(await stockKernel(tcgTargets[target]), "initramfs.cpio");
  const runner = "qemu-wasm/guests/tcg-tests/run.sh";
  const folder = await runStep({
    name: `tcg-${target}-initramfs`,
    inputs: [tests, base, ...repositoryFiles(runner, "qemu-wasm/guests/cpio.ts", "qemu-wasm/guests/tcg-tests.ts")],
    async build(output) {
      const file = (name: string, path: string): Entry => ({
        ...{ path: `tests/${name}`, type: "file", mode: 0o755, content: readFileSync(path) },
      });
      const files = readdirSync(tests).map((name) => file(name, join(tests, name)));
      const added = cpio([{ path: "tests", type: "folder" }, file("run", join(repository, runner)), ...files]);
      writeFileSync(join(output, "tests.cpio"), Buffer.concat([readFileSync(base), added]));
    },
  });
  return join(folder, "tests.cpio");
}
