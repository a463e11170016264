import { spawnSync } from "node:child_process";

/** Prints every tenth part of what counts itself as ninja does, `[12/345] ...`. */
const progress = `match($0, /^\\[[0-9]+\\/[0-9]+\\]/) {
  split(substr($0, 2, RLENGTH - 2), count, "/")
  tenths = int(10 * count[1] / count[2])
  if (count[2] > 100 && tenths != last) { printf "  %d%%\\n", 10 * tenths; fflush(); last = tenths }
}`;

/** Runs a program with its output in the log and its progress on standard error; throws with its name when it fails. */
export function runLogged(command: string, args: string[], log: string): void {
  const logged = '"${@:2}" 2>&1 | tee -a "$0" | awk "$1" >&2';
  const result = spawnSync("bash", ["-o", "pipefail", "-c", logged, log, progress, command, ...args], {
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) throw new Error(`${command} ended with ${result.status ?? result.signal}.`);
}
