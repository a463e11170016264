import type { SnapshotInfo, VmInfo } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { formatBytes, formatMoment } from "../src/ui/format.ts";
import { inTree } from "../src/ui/snapshot-tree.ts";

export type SnapshotAction = "restore" | "clone" | "export" | "delete";

interface TableProps {
  vm: VmInfo;
  snapshots: readonly SnapshotInfo[];
  onAction(action: SnapshotAction, snapshot: SnapshotInfo): void;
}

/** A VM's snapshots as a tree: each below the one that it goes back to. */
export function SnapshotTable({ vm, snapshots, onAction }: TableProps) {
  return (
    <div class="table-rows snapshot-table">
      <table aria-label="Snapshots">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Keeps</th>
            <th scope="col">Taken</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {inTree(snapshots).map(({ snapshot, depth }) => (
            <tr key={snapshot.id}>
              <th
                scope="row"
                style={{ paddingInlineStart: `${6 + 14 * depth}px` }}
                title={[snapshot.name, snapshot.description].filter(Boolean).join(": ")}
              >
                <span class="snapshot-label">
                  {depth > 0 && <span class="subtle">└ </span>}
                  <span class="snapshot-title">{snapshot.name}</span>
                  {vm.snapshot === snapshot.id && <span class="chip">Current</span>}
                </span>
              </th>
              <td>{kindOf(snapshot)}</td>
              <td>{formatMoment(snapshot.created)}</td>
              <td class="number">{formatBytes(snapshot.bytes)}</td>
              <td class="actions">
                <Actions snapshot={snapshot} onAction={(action) => onAction(action, snapshot)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Actions({ snapshot, onAction }: { snapshot: SnapshotInfo; onAction(action: SnapshotAction): void }) {
  const { name, unfit } = snapshot;
  return (
    <>
      <Button
        kind="tool"
        icon="reset"
        label={`Restore ${name}`}
        disabled={unfit ? `${unfit.message} ${unfit.hint}` : undefined}
        onClick={() => onAction("restore")}
      >
        Restore
      </Button>
      <Button kind="tool" icon="copy" iconOnly label={`Clone a VM from ${name}`} onClick={() => onAction("clone")} />
      <Button kind="tool" icon="down" iconOnly label={`Export ${name}`} onClick={() => onAction("export")} />
      <Button kind="tool" icon="delete" iconOnly label={`Delete ${name}`} onClick={() => onAction("delete")} />
    </>
  );
}

function kindOf({ state, disks = [] }: SnapshotInfo): string {
  if (!state) return "Disks";
  return disks.length > 0 ? "Memory, disks" : "Memory";
}
