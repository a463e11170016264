import { expect, test } from "vitest";
import { offence, RULES, ruleOf } from "./arrows.ts";
import { imports, repositoryFiles } from "./repository.ts";

/** Tests, and what they use, run in Node and may reach down from anywhere. */
const isSource = (path: string) =>
  /\.tsx?$/.test(path) && !/\.(test|e2e)\.tsx?$/.test(path) && !path.includes("/testing/");

test("every import follows the architecture's table", () => {
  const sources = repositoryFiles().filter(isSource);
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.flatMap((path) => imports(path)).flatMap((arrow) => offence(arrow) ?? [])).toEqual([]);
});

test("every folder of the extension's code has a rule", () => {
  const free = repositoryFiles().filter((path) => path.startsWith("src/") && isSource(path) && !ruleOf(path));
  expect(free).toEqual([]);
  expect(new Set(RULES.map((rule) => rule.path)).size).toBe(RULES.length);
});

test("only src/platform touches browser.* or chrome.*", async () => {
  const { read } = await import("./repository.ts");
  const extension = /^(src|background|offscreen|panel|popup)\//;
  const offenders = repositoryFiles()
    .filter((path) => isSource(path) && extension.test(path) && !path.startsWith("src/platform/"))
    .filter((path) =>
      /(?<![\w.:/-])(chrome|browser)\.[a-z]+\./.test(read(path).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")),
    );
  expect(offenders).toEqual([]);
});

test("the table is read as meant", () => {
  const say = (from: string, to: string, typeOnly = false) => offence({ from, to, typeOnly });
  expect(say("src/core/a.ts", "src/model/b.ts")).toBe(
    "src/core/a.ts imports src/model/b.ts, but src/core may import only: nothing.",
  );
  expect(say("src/qemu/a.ts", "src/net/b.ts")).toMatch("src/qemu may import only: src/core, src/model");
  expect(say("src/host/a.ts", "src/platform/b.ts")).toBeDefined();
  expect(say("src/host/a.ts", "qemu-wasm/protocol.ts", true)).toBeUndefined();
  expect(say("src/host/a.ts", "qemu-wasm/protocol.ts")).toMatch("types only");
  expect(say("panel/a.tsx", "src/engine/server.ts")).toBeDefined();
  expect(say("panel/a.tsx", "src/engine/client.ts")).toBeUndefined();
  expect(say("src/ui/a.tsx", "src/host/vm.ts", true)).toBeDefined();
  expect(say("src/ui/a.tsx", "node:fs")).toMatch("has no Node");
  expect(say("src/host/a.ts", "comlink")).toMatch("only src/engine/transport.ts may use");
});

test("imports are found in all their forms", () => {
  const source = `import "./a.ts";\nimport type { B } from "./b.ts";\nimport {\n  c,\n} from "../c.ts";\nexport { d } from "d";\nawait import("./e.ts")`;
  expect(imports("src/x/y.ts", source).map(({ to, typeOnly }) => [to, typeOnly])).toEqual([
    ["src/x/a.ts", false],
    ["src/x/b.ts", true],
    ["src/c.ts", false],
    ["d", false],
    ["src/x/e.ts", false],
  ]);
});
