import "../src/ui/table.css";
import "./snapshots.css";
import { useRef, useState } from "preact/hooks";
import type { SnapshotInfo } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { EmptyState } from "../src/ui/empty-state.tsx";
import { Modal } from "../src/ui/modal.tsx";
import { Toolbar, ToolbarSpacer } from "../src/ui/toolbar.tsx";
import { isAlive } from "../src/ui/vm-state.ts";
import { usePanel } from "./context.ts";
import type { TabProps } from "./details.tsx";
import {
  cloneSnapshot,
  deleteSnapshot,
  exportSnapshot,
  importSnapshot,
  restoreSnapshot,
  takeSnapshot,
} from "./snapshot-actions.ts";
import { type SnapshotAction, SnapshotTable } from "./snapshot-table.tsx";
import { useAnswer } from "./use-answer.ts";

type Ask = { what: "restore" | "delete"; snapshot: SnapshotInfo };

/** What a VM can go back to: takes, restores, clones, exports, imports and deletes its snapshots. */
export function SnapshotsTab({ vm }: TabProps) {
  const panel = usePanel();
  // Each change of the VM's is one in which there may be others.
  const { value: snapshots, problem } = useAnswer((engine) => engine.listSnapshots(vm.id), [vm]);
  const [taking, setTaking] = useState(false);
  const [ask, setAsk] = useState<Ask>();
  const [name, setName] = useState("");
  const alive = isAlive(vm.state);

  const take = async () => {
    setTaking(true);
    if (await takeSnapshot(panel, vm, name)) setName("");
    setTaking(false);
  };
  const act = (what: SnapshotAction, snapshot: SnapshotInfo) => {
    if (what === "restore" && snapshot.state && !alive) return void restoreSnapshot(panel, vm, snapshot);
    if (what === "clone") return void cloneSnapshot(panel, vm, snapshot);
    if (what === "export") return void exportSnapshot(panel, vm, snapshot);
    setAsk({ what, snapshot });
  };
  const confirm = ({ what, snapshot }: Ask) => {
    setAsk(undefined);
    void (what === "restore" ? restoreSnapshot : deleteSnapshot)(panel, vm, snapshot);
  };

  return (
    <div class="snapshots">
      <Toolbar label="Snapshots">
        <input
          class="input snapshot-name"
          placeholder="Name (the time, when empty)"
          aria-label="Name of the snapshot"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && !vm.disabled.snapshot && !taking && void take()}
        />
        <Button
          kind="tool"
          icon="add"
          label="Take snapshot"
          title={alive ? "Keep the VM with its memory and disks; it runs on meanwhile" : "Keep the disks as they are"}
          disabled={vm.disabled.snapshot}
          busy={taking}
          onClick={() => void take()}
        />
        <ToolbarSpacer />
        <ImportButton onFile={(file) => void importSnapshot(panel, vm, file)} />
      </Toolbar>
      {problem && <EmptyState heading="The snapshots can't be read" text={`${problem.message} ${problem.hint}`} />}
      {snapshots?.length === 0 && (
        <EmptyState
          heading="No snapshots"
          text="A snapshot keeps the VM as it is: its disks, and its memory while it runs. Take one before you try something."
        />
      )}
      {snapshots && snapshots.length > 0 && <SnapshotTable vm={vm} snapshots={snapshots} onAction={act} />}
      {ask && <AskDialog ask={ask} alive={alive} onClose={() => setAsk(undefined)} onConfirm={() => confirm(ask)} />}
    </div>
  );
}

function ImportButton({ onFile }: { onFile(file: File): void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        kind="tool"
        label="Import"
        title="Add a snapshot of this VM from a file"
        onClick={() => input.current?.click()}
      />
      <input
        ref={input}
        type="file"
        hidden
        aria-label="Snapshot file"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onFile(file);
        }}
      />
    </>
  );
}

interface AskProps {
  ask: Ask;
  /** The VM runs. */
  alive: boolean;
  onConfirm(): void;
  onClose(): void;
}

function AskDialog({ ask: { what, snapshot }, alive, onConfirm, onClose }: AskProps) {
  return (
    <Modal
      title={what === "restore" ? `Go back to “${snapshot.name}”?` : `Delete “${snapshot.name}”?`}
      narrow
      onClose={onClose}
      footer={
        <>
          <Button label="Cancel" autofocus onClick={onClose} />
          <Button kind="danger" label={what === "restore" ? "Restore" : "Delete"} onClick={onConfirm} />
        </>
      }
    >
      <p>{what === "restore" ? whatRestoreDoes(snapshot, alive) : DELETED}</p>
    </Modal>
  );
}

const DELETED = "The VM can't go back to it any more. Snapshots that were taken after it stay as they are.";

function whatRestoreDoes({ state, disks = [] }: SnapshotInfo, alive: boolean): string {
  const sentences = [
    ...(alive ? [state ? "The VM is stopped as it is now, and goes on from the snapshot." : "The VM is stopped."] : []),
    ...(disks.length > 0 ? ["What was written to its disks since then is lost."] : []),
    "Take another snapshot before, to keep what it is now.",
  ];
  return sentences.join(" ");
}
