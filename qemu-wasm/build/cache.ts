/**
 * Build outputs live in a cache folder outside the repository, one folder a step, named by a hash of the step's inputs: a step
 * whose inputs are unchanged costs nothing, and nothing is ever stale.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";

export const repository = join(import.meta.dirname, "..", "..");

export const cacheRoot =
  process.env.QEMUWEB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "qemuweb");

export interface Step {
  /** Also the folder's name and the log's; lower case, hyphens. */
  name: string;
  /** Everything the output depends on: versions, flags, scripts' texts, hashes of earlier steps. */
  inputs: string[];
  /** Build even if the output is there. */
  cold?: boolean;
  /** Fills `folder` (empty at first; final place: `finalFolder`); its output goes to `log`, a file's path. */
  build(folder: string, log: string): void | Promise<void>;
}

/** A step that failed: its message names the step, the cause and the log. */
export class StepError extends Error {}

export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Texts of the repository's files and folders (recursively), each with its path: inputs of a step. */
export function repositoryFiles(...paths: string[]): string[] {
  return paths.flatMap((path) => {
    const full = join(repository, path);
    if (!statSync(full).isDirectory()) return [`${path}\n${readFileSync(full, "utf8")}`];
    return repositoryFiles(
      ...readdirSync(full)
        .sort()
        .map((name) => join(path, name)),
    );
  });
}

/** Runs a step unless its output is in the cache; resolves to the output's folder. */
export async function runStep(step: Step): Promise<string> {
  const key = sha256(step.inputs.join("\0")).slice(0, 16);
  const folder = join(cacheRoot, `${step.name}-${key}`);
  const done = join(folder, ".done");
  if (existsSync(done) && !step.cold) return folder;

  const unlock = await lock(join(cacheRoot, `${step.name}.lock`));
  try {
    // Another process may have built it meanwhile.
    return existsSync(done) && !step.cold ? folder : await runLockedStep(step, folder, done);
  } finally {
    unlock();
  }
}

/** Waits until no other process builds this step (a toolchain has one work folder for it); resolves to what lets the next one in. */
async function lock(path: string): Promise<() => void> {
  mkdirSync(cacheRoot, { recursive: true });
  let told = false;
  for (;;) {
    try {
      writeFileSync(path, `${process.pid} ${startOf(process.pid)}`, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    }
    if (!isHeld(path)) {
      rmSync(path, { force: true });
      continue;
    }
    if (!told) process.stderr.write(`[${basename(path, ".lock")}] waiting for another process, which builds it ...\n`);
    told = true;
    await setTimeout(500);
  }
}

/** False when the process that made the lock is gone. */
function isHeld(path: string): boolean {
  try {
    const [pid, start] = readFileSync(path, "utf8").split(" ");
    if (!pid) return true; // it is being made
    const now = startOf(Number(pid));
    return now !== undefined && now === (start ?? now); // locks had a number alone
  } catch {
    return false;
  }
}

/** When a process began, in ticks of the machine: its number alone may be another's by now. Undefined: there is none. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]; // proc_pid_stat(5): field 22
  } catch {
    return undefined;
  }
}

async function runLockedStep(step: Step, folder: string, done: string): Promise<string> {
  const log = join(cacheRoot, "logs", `${step.name}.log`);
  mkdirSync(join(cacheRoot, "logs"), { recursive: true });
  writeFileSync(log, "");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const started = Date.now();
  process.stderr.write(`[${step.name}] building ... (log: ${log})\n`);
  try {
    await step.build(folder, log);
  } catch (cause) {
    const failed = `${folder}.failed`;
    rmSync(failed, { recursive: true, force: true });
    renameSync(folder, failed);
    process.stderr.write(`[${step.name}] failed; what is being built beside it is brought to its end\n`);
    const tail = readFileSync(log, "utf8").split("\n").slice(-25).join("\n");
    throw new StepError(`${tail}\nStep ${step.name} failed: ${(cause as Error).message}\nIts log: ${log}`, { cause });
  }
  writeFileSync(done, new Date().toISOString());
  process.stderr.write(`[${step.name}] done in ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
  return folder;
}
