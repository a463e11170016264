/** The compiler and everything else the engine and the guests are built with. */
import { chooseToolchain } from "./toolchain/choose.ts";
import { debianRoot } from "./toolchain/debian-root.ts";
import { lookOnPath, toolsOnPath } from "./toolchain/on-path.ts";

/** Programs that scripts are run with. */
export interface Tools {
  /** A step's input: another toolchain, another output. */
  readonly identity: string;
  /** How scripts see a path that lies in the cache. */
  path(path: string): string;
  /**
   * Runs a bash script, which sees these `variables`, the repository at $REPOSITORY, and $WORK, a folder to build in; rejects
   * when one of its commands fails. All output goes to the file `log`.
   */
  run(script: string, log: string, variables?: Record<string, string>): Promise<void>;
}

export interface Toolchain extends Tools {
  /** The version of emscripten, for versions.json. */
  readonly emscripten: string;
  /** Compiler flags that keep this machine's paths out of what is built. */
  readonly flags: string;
}

let chosen: Promise<Toolchain> | undefined;

/**
 * A Debian system in the cache if we are root, what is on PATH if not; QEMUWEB_TOOLCHAIN (`debian` or `path`) overrules that.
 * Rejects with a `StepError` that says what to do when neither can be.
 */
export function toolchain(): Promise<Toolchain> {
  chosen ??= choose();
  return chosen;
}

async function choose(): Promise<Toolchain> {
  const root = process.getuid?.() === 0;
  return chooseToolchain(root, process.env.QEMUWEB_TOOLCHAIN, lookOnPath) === "debian" ? debianRoot() : toolsOnPath();
}
