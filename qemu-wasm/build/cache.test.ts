import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let cache: string;
let runStep: typeof import("./cache.ts").runStep;

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "qemuweb-cache-"));
  vi.stubEnv("QEMUWEB_CACHE", cache);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  vi.resetModules();
  ({ runStep } = await import("./cache.ts"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(cache, { recursive: true });
});

const step = (build: (folder: string) => void | Promise<void>) => runStep({ name: "step", inputs: ["a"], build });

test("a step is built once for its inputs", async () => {
  const build = vi.fn((folder: string) => writeFileSync(join(folder, "out"), "built"));
  const folder = await step(build);
  expect(await step(build)).toBe(folder);
  expect(readFileSync(join(folder, "out"), "utf8")).toBe("built");
  expect(build).toHaveBeenCalledTimes(1);
});

test.each([
  ["ended", "4194305 1"],
  ["ended, and whose number is another's now", `${process.pid} 1`],
])("the lock of a process that %s holds nobody up", async (_what, content) => {
  writeFileSync(join(cache, "step.lock"), content);
  await step(() => {});
  expect(existsSync(join(cache, "step.lock"))).toBe(false);
});

test("two that want one step at once get one build", async () => {
  const build = vi.fn(() => new Promise<void>((resolve) => setImmediate(resolve)));
  const [first, second] = await Promise.all([step(build), step(build)]);
  expect(second).toBe(first);
  expect(build).toHaveBeenCalledTimes(1);
});

test("a step that fails says which, why and where its log is, and is tried again", async () => {
  const failing = step(() => {
    throw new Error("No.");
  });
  await expect(failing).rejects.toThrow(`Step step failed: No.\nIts log: ${join(cache, "logs/step.log")}`);
  await expect(step(() => {})).resolves.toMatch(/step-/);
});
