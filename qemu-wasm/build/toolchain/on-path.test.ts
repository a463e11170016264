import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lookOnPath } from "./on-path.ts";
import { evidence } from "./packages.ts";

const path = process.env.PATH;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qemuweb-path-"));
  process.env.PATH = folder;
});

afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

function provide(programs: string[], output = ""): void {
  for (const program of programs)
    writeFileSync(join(folder, program), `#!/bin/sh\necho '${output}'\n`, { mode: 0o755 });
}

test("nothing on PATH: no emcc, and every program is missing, Python's modules with it", () => {
  const { emcc, missing } = lookOnPath();
  expect(emcc).toBeUndefined();
  expect(missing).toEqual(expect.arrayContaining(["meson", "ninja-build", "python3", "python3-pip", "gcc", "bc"]));
});

test.each([
  ["Debian's", "3.1.69 ()", "3.1.69"],
  ["emsdk's", "4.0.7 (6fd3c5b)", "4.0.7"],
])("the version that %s emcc tells", (_whose, told, version) => {
  provide(evidence.emscripten ?? [], `emcc (Emscripten gcc/clang-like replacement + linker emulating GNU ld) ${told}`);
  provide(["meson"]);
  const { emcc, missing } = lookOnPath();
  expect(emcc).toBe(version);
  expect(missing).not.toContain("meson");
  expect(missing).toContain("ninja-build");
});

test("an emscripten that is not whole counts as none", () => {
  provide(["emcc"], "emcc (Emscripten) 3.1.69 ()");
  expect(lookOnPath().emcc).toBeUndefined();
});
