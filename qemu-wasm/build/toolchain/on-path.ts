/** The programs on PATH as a toolchain: no root, no Debian system of our own. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot, repository, StepError, sha256 } from "../cache.ts";
import { runLogged } from "../run-logged.ts";
import type { Toolchain } from "../toolchain.ts";
import type { OnPath } from "./choose.ts";
import { evidence } from "./packages.ts";

export function lookOnPath(): OnPath {
  const modules = Object.values(evidence).flatMap((signs) => signs.flatMap((sign) => pythonModule(sign) ?? []));
  const absent = absentModules(modules);
  const isThere = (sign: string) => {
    const module = pythonModule(sign);
    if (module !== undefined) return !absent.includes(module);
    return sign.startsWith("/") ? existsSync(sign) : isOnPath(sign);
  };
  const missing = Object.keys(evidence).filter((name) => !evidence[name]?.every(isThere));
  return {
    emcc: missing.includes("emscripten") ? undefined : emccVersion(),
    missing: missing.filter((name) => name !== "emscripten"),
  };
}

function pythonModule(sign: string): string | undefined {
  return sign.startsWith("python:") ? sign.slice("python:".length) : undefined;
}

/** Those that python3 doesn't find; all if there is no python3. */
function absentModules(modules: string[]): string[] {
  const script =
    "import importlib.util, sys\nfor name in sys.argv[1:]:\n  if not importlib.util.find_spec(name): print(name)";
  const result = spawnSync("python3", ["-c", script, ...modules], { encoding: "utf8" });
  return result.status === 0 ? result.stdout.split("\n") : modules;
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, program)));
}

/** "emcc (Emscripten gcc/clang-like replacement + linker emulating GNU ld) 3.1.69 (abc...)" -> 3.1.69 */
function emccVersion(): string {
  return /^emcc .*\) (\d+\.\d+\.\d+)\b/.exec(versionLine("emcc"))?.[1] ?? "of an unknown version";
}

function versionLine(program: string): string {
  return spawnSync(program, ["--version"], { encoding: "utf8" }).stdout?.split("\n")[0] ?? "";
}

/** What of our environment the programs get: where they are, and how the network is reached. */
const inherited =
  /^(PATH|HOME|TMPDIR|EM_CONFIG|EMSDK|EMSDK_NODE|EMSDK_PYTHON|(http|https|no)_proxy|(HTTP|HTTPS|NO)_PROXY)$/;

export function toolsOnPath(): Toolchain {
  if (/\s/.test(cacheRoot)) {
    throw new StepError(`The cache, ${cacheRoot}, has a space in its path. Set QEMUWEB_CACHE to a folder without one.`);
  }
  const emcc = versionLine("emcc");
  const work = join(cacheRoot, "work");
  const own = Object.entries(process.env).filter(([name]) => inherited.test(name));
  return {
    identity: `path-${sha256([emcc, versionLine("gcc")].join("\n")).slice(0, 16)}`,
    emscripten: emcc.slice(emcc.lastIndexOf(") ") + 2).replace(" ()", ""),
    flags: `-ffile-prefix-map=${work}=/tmp`,
    path: (path) => path,
    run(script, log, variables = {}) {
      const environment = {
        ...Object.fromEntries(own),
        LC_ALL: "C.UTF-8",
        REPOSITORY: repository,
        WORK: work,
        ...variables,
      };
      const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
      return runLogged("env", ["-i", ...words, "bash", "-e", "-o", "pipefail", "-c", script], log);
    },
  };
}
