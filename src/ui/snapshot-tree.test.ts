import { expect, test } from "vitest";
import type { SnapshotInfo } from "../engine/api.ts";
import { parseProfile } from "../model/parse-profile.ts";
import { inTree } from "./snapshot-tree.ts";

const profile = parseProfile({ name: "Box" });
const snapshot = (id: string, ...parents: string[]): SnapshotInfo => ({
  ...{ id, name: id, description: "", created: 0, parents, profile, bytes: 1 },
});
const rows = (...snapshots: SnapshotInfo[]) =>
  inTree(snapshots).map(({ snapshot, depth }) => "-".repeat(depth) + snapshot.id);

test("children follow their parent, siblings in the order they were taken", () => {
  expect(rows(snapshot("a"), snapshot("b", "a"), snapshot("c"), snapshot("d", "a"), snapshot("e", "b", "a"))).toEqual([
    ...["a", "-b", "--e", "-d", "c"],
  ]);
});

test("the children of a deleted one go to its parent, or to the top", () => {
  expect(rows(snapshot("a"), snapshot("e", "gone", "a"), snapshot("f", "lost"))).toEqual(["a", "-e", "f"]);
});
