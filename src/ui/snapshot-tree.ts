import type { SnapshotInfo } from "../engine/api.ts";

/** Snapshots as a tree's rows: each below the nearest one that it goes back to and that is still there, oldest first. */
export function inTree(snapshots: readonly SnapshotInfo[]): { snapshot: SnapshotInfo; depth: number }[] {
  const known = new Set(snapshots.map(({ id }) => id));
  const parent = (snapshot: SnapshotInfo) => snapshot.parents.find((id) => known.has(id));
  const below = (id: string | undefined, depth: number): { snapshot: SnapshotInfo; depth: number }[] =>
    snapshots
      .filter((snapshot) => parent(snapshot) === id)
      .flatMap((snapshot) => [{ snapshot, depth }, ...below(snapshot.id, depth + 1)]);
  return below(undefined, 0);
}
