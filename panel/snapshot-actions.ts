import type { SnapshotInfo, VmInfo } from "../src/engine/api.ts";
import { showInfo } from "../src/ui/toasts.ts";
import { isAlive } from "../src/ui/vm-state.ts";
import { selectVm } from "./actions.ts";
import type { Panel } from "./state.ts";
import { attempt, runLong, save } from "./work.ts";

/** Keeps the VM as it is; true when it was kept. */
export function takeSnapshot(panel: Panel, vm: VmInfo, name: string): Promise<boolean> {
  return attempt(panel, async () => {
    const words = name.trim() === "" ? {} : { name: name.trim() };
    const begin = () => panel.link.engine().snapshotVm(vm.id, words);
    const taken = await runLong(panel, `Taking a snapshot of ${vm.profile.name}`, begin);
    showInfo(panel.toasts, `The snapshot “${taken.name}” was taken.`);
  });
}

/** The VM is what it was; one that runs is stopped before. */
export async function restoreSnapshot(panel: Panel, vm: VmInfo, { id, name, state }: SnapshotInfo): Promise<void> {
  await attempt(panel, async () => {
    const engine = panel.link.engine();
    if (isAlive(vm.state)) await engine.stopVm(vm.id);
    await runLong(panel, `Restoring ${name}`, () => engine.restoreSnapshot(vm.id, id));
    if (!state) showInfo(panel.toasts, `The disks of ${vm.profile.name} are as they were in “${name}”.`);
  });
}

export async function cloneSnapshot(panel: Panel, vm: VmInfo, { id, name }: SnapshotInfo): Promise<void> {
  await attempt(panel, async () => {
    const clone = await runLong(panel, `Cloning ${name}`, () => panel.link.engine().cloneVm(vm.id, id));
    selectVm(panel, clone.id);
    showInfo(panel.toasts, `${clone.profile.name} was made of the snapshot “${name}”.`);
  });
}

export async function exportSnapshot(panel: Panel, vm: VmInfo, { id, name }: SnapshotInfo): Promise<void> {
  const file = `${vm.profile.name} ${name}.snapshot`;
  await save(panel, file, () => panel.link.engine().exportSnapshot(vm.id, id));
}

export async function importSnapshot(panel: Panel, vm: VmInfo, file: File): Promise<void> {
  await attempt(panel, async () => {
    const begin = () => panel.link.engine().importSnapshot(vm.id, file);
    const { name } = await runLong(panel, `Importing ${file.name}`, begin);
    showInfo(panel.toasts, `The snapshot “${name}” was added to ${vm.profile.name}.`);
  });
}

export async function deleteSnapshot(panel: Panel, vm: VmInfo, { id }: SnapshotInfo): Promise<void> {
  await attempt(panel, () => panel.link.engine().deleteSnapshot(vm.id, id));
}
