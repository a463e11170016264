import { StepError } from "./cache.ts";

/** Runs a build for a person: prints the folder that it resolves to; of a `StepError` its message alone, and ends with 1. */
export async function runCommand(build: () => Promise<string>): Promise<void> {
  const started = Date.now();
  try {
    const folder = await build();
    console.log(`${folder} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    console.error(error instanceof StepError ? error.message : error);
    process.exitCode = 1;
  }
}
