import "./snapshots.css";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { SnapshotInfo, VmInfo } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { EmptyState } from "../src/ui/empty-state.tsx";
import { formatBytes, formatMoment } from "../src/ui/format.ts";
import { Modal } from "../src/ui/modal.tsx";
import { saveBlob } from "../src/ui/save-blob.ts";
import { inTree } from "../src/ui/snapshot-tree.ts";
import { showError, showInfo } from "../src/ui/toasts.ts";
import { Toolbar, ToolbarSpacer } from "../src/ui/toolbar.tsx";
import { isAlive } from "../src/ui/vm-state.ts";
import { usePanel } from "./context.ts";
import type { TabProps } from "./details.tsx";

type Busy = "take" | "import" | `${"restore" | "export" | "delete"} ${string}`;
type Ask = { what: "restore" | "delete"; snapshot: SnapshotInfo };

/** What a VM can go back to: takes, restores, exports, imports and deletes its snapshots. */
export function SnapshotsTab({ vm }: TabProps) {
  const panel = usePanel();
  const { snapshots, load } = useSnapshots(vm);
  const [busy, setBusy] = useState<Busy>();
  const [ask, setAsk] = useState<Ask>();
  const [name, setName] = useState("");

  /** One at a time; what it throws becomes a toast. */
  const run = async (what: Busy, work: () => Promise<void>) => {
    setBusy(what);
    try {
      await work();
    } catch (thrown) {
      showError(panel.toasts, thrown);
    }
    setBusy(undefined);
    load();
  };
  const take = () =>
    run("take", async () => {
      const words = name.trim() === "" ? {} : { name: name.trim() };
      const { name: taken } = await panel.link.engine().snapshotVm(vm.id, words);
      setName("");
      showInfo(panel.toasts, `The snapshot “${taken}” was taken.`);
    });
  const restore = (snapshot: SnapshotInfo) =>
    run(`restore ${snapshot.id}`, async () => {
      const engine = panel.link.engine();
      if (isAlive(vm.state)) await engine.stopVm(vm.id);
      await engine.startVm(vm.id, { snapshot: snapshot.id });
    });
  const remove = (snapshot: SnapshotInfo) =>
    run(`delete ${snapshot.id}`, () => panel.link.engine().deleteSnapshot(vm.id, snapshot.id));
  const exportFile = (snapshot: SnapshotInfo) =>
    run(`export ${snapshot.id}`, async () => {
      const bytes = await panel.link.engine().exportSnapshot(vm.id, snapshot.id);
      saveBlob(await new Response(bytes).blob(), `${vm.profile.name} ${snapshot.name}.snapshot`);
    });
  const importFile = (file: File) =>
    run("import", async () => {
      await panel.link.engine().importSnapshot(vm.id, file);
    });

  return (
    <div class="snapshots">
      <Toolbar label="Snapshots">
        <input
          class="input snapshot-name"
          placeholder="Name (the time, when empty)"
          aria-label="Name of the snapshot"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && !vm.disabled.snapshot && !busy && void take()}
        />
        <Button
          kind="tool"
          icon="add"
          label="Take snapshot"
          title="Keep the VM as it is, with its memory; it runs on meanwhile"
          disabled={vm.disabled.snapshot}
          busy={busy === "take"}
          onClick={() => void take()}
        />
        <ToolbarSpacer />
        <ImportButton busy={busy === "import"} onFile={(file) => void importFile(file)} />
      </Toolbar>
      {snapshots?.length === 0 ? (
        <EmptyState
          heading="No snapshots"
          text="A snapshot keeps the running VM, memory and all. Take one before you try something."
        />
      ) : (
        <SnapshotTable
          vm={vm}
          snapshots={snapshots ?? []}
          busy={busy}
          onRestore={(snapshot) => (isAlive(vm.state) ? setAsk({ what: "restore", snapshot }) : void restore(snapshot))}
          onExport={(snapshot) => void exportFile(snapshot)}
          onDelete={(snapshot) => setAsk({ what: "delete", snapshot })}
        />
      )}
      {ask && (
        <AskDialog
          ask={ask}
          onClose={() => setAsk(undefined)}
          onConfirm={() => {
            setAsk(undefined);
            void (ask.what === "restore" ? restore(ask.snapshot) : remove(ask.snapshot));
          }}
        />
      )}
    </div>
  );
}

interface TableProps {
  vm: VmInfo;
  snapshots: SnapshotInfo[];
  busy: Busy | undefined;
  onRestore(snapshot: SnapshotInfo): void;
  onExport(snapshot: SnapshotInfo): void;
  onDelete(snapshot: SnapshotInfo): void;
}

function SnapshotTable({ vm, snapshots, busy, onRestore, onExport, onDelete }: TableProps) {
  return (
    <div class="snapshot-rows">
      <table aria-label="Snapshots">
        <thead>
          <tr>
            <th scope="col">Name</th>
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
              <th scope="row" style={{ paddingInlineStart: `${6 + 14 * depth}px` }} title={snapshot.description}>
                {depth > 0 && <span class="subtle">└ </span>}
                {snapshot.name}
                {vm.snapshot === snapshot.id && <span class="chip">Current</span>}
              </th>
              <td>{formatMoment(snapshot.created)}</td>
              <td class="number">{formatBytes(snapshot.bytes)}</td>
              <td class="actions">
                <Button
                  kind="tool"
                  icon="reset"
                  label={`Restore ${snapshot.name}`}
                  disabled={snapshot.unfit ? `${snapshot.unfit.message} ${snapshot.unfit.hint}` : undefined}
                  busy={busy === `restore ${snapshot.id}`}
                  onClick={() => onRestore(snapshot)}
                >
                  Restore
                </Button>
                <Button
                  kind="tool"
                  icon="down"
                  iconOnly
                  label={`Export ${snapshot.name}`}
                  busy={busy === `export ${snapshot.id}`}
                  onClick={() => onExport(snapshot)}
                />
                <Button
                  kind="tool"
                  icon="delete"
                  iconOnly
                  label={`Delete ${snapshot.name}`}
                  busy={busy === `delete ${snapshot.id}`}
                  onClick={() => onDelete(snapshot)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ImportButton({ busy, onFile }: { busy: boolean; onFile(file: File): void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        kind="tool"
        label="Import"
        title="Add a snapshot of this VM from a file"
        busy={busy}
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

function AskDialog({ ask, onConfirm, onClose }: { ask: Ask; onConfirm(): void; onClose(): void }) {
  const { what, snapshot } = ask;
  const label = what === "restore" ? "Restore" : "Delete";
  return (
    <Modal
      title={what === "restore" ? `Go back to “${snapshot.name}”?` : `Delete “${snapshot.name}”?`}
      narrow
      onClose={onClose}
      footer={
        <>
          <Button label="Cancel" autofocus onClick={onClose} />
          <Button kind="danger" label={label} onClick={onConfirm} />
        </>
      }
    >
      <p>
        {what === "restore"
          ? "The VM is stopped as it is now, and goes on from the snapshot. Take another snapshot before, to keep what it does now."
          : "The VM can't go back to it any more. Snapshots that were taken after it stay."}
      </p>
    </Modal>
  );
}

/** Asked again after each change of the VM's state, which is when there may be others. */
function useSnapshots(vm: VmInfo) {
  const panel = usePanel();
  const [snapshots, setSnapshots] = useState<SnapshotInfo[]>();
  const load = useCallback(() => {
    panel.link
      .engine()
      .listSnapshots(vm.id)
      .then(setSnapshots, (thrown) => showError(panel.toasts, thrown));
  }, [vm.id]);
  useEffect(load, [vm.id, vm.state]);
  return { snapshots, load };
}
