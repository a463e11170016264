import { StepError } from "../cache.ts";
import { toolchainPackages } from "./packages.ts";

/**
 * The one version of emscripten that is accepted: Debian trixie's. The engine relies on what others need not have: runtime.js
 * replaces a function of emscripten's own, and coroutines and longjmp on what its linker makes of them; only this one is tested.
 */
export const emscriptenVersion = "3.1.69";

/** What there is on PATH to build with. */
export interface OnPath {
  /** The version that emcc tells; undefined: there is none. */
  emcc: string | undefined;
  /** Debian's packages with what else is missing. */
  missing: string[];
}

/**
 * Where to build: in a Debian system of our own, or with what is on PATH. `wanted` is QEMUWEB_TOOLCHAIN; `look` is asked only if
 * it matters. Throws a `StepError` that says what to do.
 */
export function chooseToolchain(root: boolean, wanted: string | undefined, look: () => OnPath): "debian" | "path" {
  switch (wanted || (root ? "debian" : "path")) {
    case "debian":
      if (!root)
        throw new StepError(
          "QEMUWEB_TOOLCHAIN=debian needs root. As another user, unset it to see what else can be done.",
        );
      return "debian";
    case "path":
      check(look());
      return "path";
    default:
      throw new StepError(`QEMUWEB_TOOLCHAIN is ${wanted}. Set it to debian or path, or unset it.`);
  }
}

function check({ emcc, missing }: OnPath): void {
  if (emcc === emscriptenVersion && missing.length === 0) return;
  const install = missing.length === 0 ? "" : `sudo apt-get install ${missing.join(" ")}`;
  if (emcc === emscriptenVersion) throw new StepError(`Programs to build with are missing. On Debian: ${install}`);
  throw new StepError(
    [
      `To build without root, emcc ${emscriptenVersion} has to be on PATH, and ${emcc === undefined ? "there is none" : `it is ${emcc}`}. Either get it`,
      `  on Debian trixie: sudo apt-get install ${["emscripten", ...missing].join(" ")}`,
      `  elsewhere: ./emsdk install ${emscriptenVersion} && ./emsdk activate ${emscriptenVersion} && source ./emsdk_env.sh`,
      ...(install ? [`             ${install}`] : []),
      "or build in a container, and load the folder dist by hand, on chrome://extensions:",
      `  ${container}`,
    ].join("\n"),
  );
}

/** The cache is a volume, so that the next build is quick; what root made in the repository is given to the repository's owner. */
const container = [
  'docker run --rm --shm-size=1g -v "$PWD:/src" -w /src -v qemuweb:/cache -e QEMUWEB_CACHE=/cache -e QEMUWEB_TOOLCHAIN=path node:20-trixie',
  `sh -c 'apt-get update && apt-get install -y ${toolchainPackages.join(" ")} && npm run build; chown -R --reference=. .'`,
].join(" ");
