import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";

/** Prints every tenth part of what counts itself as ninja does, `[12/345] ...`. */
const progress = `match($0, /^\\[[0-9]+\\/[0-9]+\\]/) {
  split(substr($0, 2, RLENGTH - 2), count, "/")
  tenths = int(10 * count[1] / count[2])
  if (count[2] > 100 && tenths != last) { printf "[%s] %d%%\\n", name, 10 * tenths; fflush(); last = tenths }
}`;

/** Runs a program with its output in the log and its progress on standard error; rejects with its name when it fails. */
export async function runLogged(command: string, args: string[], log: string): Promise<void> {
  const logged = '"${@:3}" 2>&1 | tee -a "$0" | awk -v name="$1" "$2" >&2';
  const words = [log, basename(log, ".log"), progress, command, ...args];
  const shell = spawn("bash", ["-o", "pipefail", "-c", logged, ...words], {
    stdio: ["ignore", 2, 2],
  });
  const [status, signal] = await once(shell, "close");
  if (status !== 0) throw new Error(`${command} ended with ${status ?? signal}.`);
}
