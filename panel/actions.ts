import { toErrorData } from "../src/core/errors.ts";
import type { VmAction, VmId, VmInfo } from "../src/engine/api.ts";
import { launchQuickVm } from "../src/ui/quick-vm.ts";
import { showError } from "../src/ui/toasts.ts";
import type { NewVm } from "../src/ui/vm-form.ts";
import { neighbour } from "../src/ui/vms.ts";
import { remedyFor } from "./remedy.ts";
import { type ForcedAction, type Operation, operationKey, type Panel } from "./state.ts";

/** Runs a call: its button shows it, and what it throws becomes a toast. True when it went well. */
async function run(panel: Panel, operation: Operation, id: VmId | undefined, work: () => Promise<void>) {
  const key = operationKey(operation, id);
  panel.state.dispatch({ running: new Set(panel.state.get().running).add(key) });
  try {
    await work();
    return true;
  } catch (thrown) {
    showError(panel.toasts, thrown, remedyFor(panel, toErrorData(thrown).code, id));
    return false;
  } finally {
    const running = new Set(panel.state.get().running);
    running.delete(key);
    panel.state.dispatch({ running });
  }
}

export function selectVm(panel: Panel, id: VmId | undefined): void {
  if (panel.state.get().selected !== id) panel.state.dispatch({ selected: id });
}

/** Puts the focus into the details; into the guest's console where that is shown. */
export function focusDetails(panel: Panel): void {
  panel.state.dispatch({ focusDetails: true });
}

function showConsole(panel: Panel, id: VmId, tab: "console" | "display" = "console"): void {
  panel.state.dispatch({ view: "vms", selected: id, tab });
  focusDetails(panel);
}

/** Starts a VM, or does something to one that runs. A start brings its console into view, unless the user watches its log. */
export async function actOnVm(panel: Panel, action: Exclude<VmAction, "delete" | "snapshot">, id: VmId): Promise<void> {
  if (action === "start") return startVm(panel, id);
  await run(panel, action, id, () => panel.link.engine()[`${action}Vm`](id));
}

/** `disposable`: what is written to its disks is forgotten at power-off. */
export async function startVm(panel: Panel, id: VmId, disposable = false): Promise<void> {
  await run(panel, "start", id, async () => {
    if (panel.state.get().tab === "overview") showConsole(panel, id);
    await panel.link.engine().startVm(id, { disposable });
  });
}

/** Has the VM's sound card heard, or not any more. */
export async function setSound(panel: Panel, { id, sound }: VmInfo): Promise<void> {
  await panel.link
    .engine()
    .setSound(id, !sound)
    .catch((thrown: unknown) => showError(panel.toasts, thrown));
}

/** Forces a VM off or resets it; asks before where a guest may have something to lose. */
export function forceVm(panel: Panel, action: ForcedAction, { id, state }: VmInfo): void {
  if (state === "crashed" || state === "starting" || state === "restoring") void actOnVm(panel, action, id);
  else panel.state.dispatch({ dialog: { type: action, id } });
}

export async function deleteVm(panel: Panel, id: VmId): Promise<void> {
  await run(panel, "delete", id, async () => {
    const next = neighbour(panel.link.store.get().vms, id);
    await panel.link.engine().deleteVm(id);
    if (panel.state.get().selected === id) selectVm(panel, next);
  });
}

/** `display`: with a screen, which is shown instead of the console. */
export async function startQuickVm(panel: Panel, display = false): Promise<void> {
  await run(panel, "quick", undefined, async () => {
    const show = (id: VmId) => showConsole(panel, id, display ? "display" : "console");
    await launchQuickVm(panel.link.engine(), show, display);
  });
}

/** Creates a VM and selects it. Throws what the engine throws: the dialog shows it in place. */
export async function createVm(panel: Panel, { profile, files }: NewVm, start: boolean): Promise<void> {
  const { id } = await panel.link.engine().createVm(profile, files);
  panel.state.dispatch({ view: "vms", selected: id, filter: "" });
  if (start) {
    showConsole(panel, id);
    void actOnVm(panel, "start", id);
  }
}

/** Opens the page in a tab of its own, with a VM's console in front. */
export function openInTab(id: VmId | undefined): void {
  const url = new URL("/panel/index.html", location.href);
  if (id !== undefined) url.searchParams.set("vm", id);
  window.open(url, "_blank", "noopener");
}
