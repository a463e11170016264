import { expect, test } from "vitest";
import { parseProfile } from "../model/parse-profile.ts";
import type { SnapshotFacts } from "../model/snapshot.ts";
import { misfit } from "./snapshot-fit.ts";

const profile = parseProfile({ name: "One" });
const snapshot: SnapshotFacts = {
  ...{ id: "1", name: "", description: "", created: 0, parents: [], profile },
  state: { engine: "ab", args: ["-m", "64M"], consoles: {} },
};
const start = { profile, engine: "ab", args: ["-m", "64M"] };

test("the same engine and machine fit, whatever the VM is called", () => {
  expect(misfit(snapshot, start)).toBeUndefined();
  expect(misfit(snapshot, { ...start, profile: { ...profile, name: "Two" } })).toBeUndefined();
});

test.each([
  ["another version", { ...start, engine: "cd" }],
  ["was changed", { ...start, args: ["-m", "65M"] }],
  ["was changed", { ...start, profile: { ...profile, memory: 65 } }],
])("%s is told", (words, other) => {
  expect(misfit(snapshot, other)).toMatchObject({ code: "snapshot-unfit", message: expect.stringContaining(words) });
});
