import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { QKeyCode } from "../qemu/qmp/schema.ts";
import { QCODES, WITHOUT_CODE } from "./keys.ts";

/** The values of a union of strings in the module that is made from QEMU's schema. */
function valuesOf(type: string): string[] {
  const schema = readFileSync(new URL("../qemu/qmp/schema.ts", import.meta.url), "utf8");
  const line = new RegExp(`^export type ${type} = (.*);$`, "m").exec(schema)?.[1] ?? "";
  return [...line.matchAll(/"([^"]+)"/g)].map(([, value = ""]) => value);
}

test("every key that QEMU knows has a KeyboardEvent.code, but for those that no browser tells", () => {
  const known: string[] = valuesOf("QKeyCode");
  expect(known).toContain("katakanahiragana" satisfies QKeyCode);
  expect([...QCODES.values(), ...WITHOUT_CODE].sort()).toEqual(known.sort());
});

test("the names fit an event's place for them", () => {
  for (const name of QCODES.values()) expect(name.length).toBeLessThan(20);
});
