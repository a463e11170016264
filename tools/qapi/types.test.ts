import { expect, test } from "vitest";
import { parseSchema } from "./parse.ts";
import { typesModule } from "./types.ts";

/** What a schema becomes, without the module's first line and what is empty. */
function types(schema: string): string {
  const lines = typesModule(parseSchema(schema), "a test").split("\n").slice(1);
  return lines
    .join("\n")
    .replace(/export interface (Commands|Events) \{\n\}\n/g, "")
    .trim();
}

test.each([
  ["an enumeration", "{ 'enum': 'E', 'data': [ 'a', { 'name': 'b-c', 'if': 'X' } ] }", 'export type E = "a" | "b-c";'],
  [
    "a struct: optional members, lists, numbers, conditions",
    "{ 'struct': 'S', 'base': 'B', 'data': { 'n': 'uint64', '*l': ['str'], 'c': { 'type': 'bool', 'if': 'X' } } }",
    'export interface S extends B { "n": number; "l"?: string[]; "c"?: boolean; }',
  ],
  ["an alternate", "{ 'alternate': 'A', 'data': { 'one': 'S', 'none': 'null' } }", "export type A = S | null;"],
  [
    "a command without arguments and answer",
    "{ 'command': 'stop' }",
    'export interface Commands {\n  "stop": { arguments: Record<string, never>; returns: Record<string, never> };\n}',
  ],
  [
    "a command that answers only errors, and one that takes more than it says",
    "{ 'command': 'end', 'data': 'S', 'success-response': false } { 'command': 'add', 'data': {}, 'gen': false, 'returns': ['any'] }",
    'export interface Commands {\n  "end": { arguments: S; returns: never };\n' +
      '  "add": { arguments: {  } & Record<string, unknown>; returns: unknown[] };\n}',
  ],
  [
    "events",
    "{ 'event': 'STOP' } { 'event': 'RESET', 'data': { 'guest': 'bool' } }",
    'export interface Events {\n  "STOP": undefined;\n  "RESET": { "guest": boolean; };\n}',
  ],
])("%s", (_what, schema, expected) => {
  expect(types(schema)).toBe(expected);
});

test("a union: a branch for each value, and the values without one", () => {
  const schema =
    "{ 'enum': 'K', 'data': ['a', 'b', 'c'] } { 'union': 'U', 'base': BASE, 'discriminator': 'k', 'data': { 'a': 'S' } }";
  const branches = '(({ "k": "a" } & S) | ({ "k": "b" | "c" }));';
  expect(types(schema.replace("BASE", "{ 'k': 'K', '*n': 'int' }"))).toContain(
    `export type U = { "n"?: number; } & ${branches}`,
  );
  const named = `{ 'struct': 'B', 'data': { 'k': 'K' } } ${schema.replace("BASE", "'B'")}`;
  expect(types(named)).toContain(`export type U = Omit<B, "k"> & ${branches}`);
  expect(() => types(schema.replace("BASE", "'B'"))).toThrow("The union U has no enumeration k.");
});

test("comments, includes and pragmas are no definitions; what isn't QAPI is told with its line", () => {
  const schema =
    "##\n# @it's: a comment\n##\n{ 'include': 'a.json' }\n{ 'pragma': { 'doc-required': true } } # 'end'\n{ 'event': 'E' }";
  expect(parseSchema(schema)).toEqual([{ event: "E" }]);
  expect(() => parseSchema("{ 'event':\n nonsense }")).toThrow("Line 2 is no QAPI: nonsense }");
  expect(() => parseSchema("{ 'event': 'E'")).toThrow("not closed");
});
