import "./panel.css";
import { useEffect } from "preact/hooks";
import { Button } from "../src/ui/button.tsx";
import { EmptyState } from "../src/ui/empty-state.tsx";
import { lazy } from "../src/ui/lazy.tsx";
import { settings } from "../src/ui/settings.ts";
import { Split } from "../src/ui/splitter.tsx";
import { useStore } from "../src/ui/store.ts";
import { type Tab, TabList } from "../src/ui/tabs.tsx";
import { ToastList } from "../src/ui/toast-list.tsx";
import { WorkList } from "../src/ui/work-list.tsx";
import { startQuickVm } from "./actions.ts";
import { Announcer } from "./announcer.tsx";
import { CapabilityStrip } from "./capability-strip.tsx";
import { PanelContext, usePanel, usePanelState, useSelectedVm, useVms } from "./context.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
import { Details } from "./details.tsx";
import { ForceDialog } from "./force-dialog.tsx";
import { NewVmDialog } from "./new-vm/dialog.tsx";
import { SettingsStrip } from "./settings-strip.tsx";
import type { Panel, ViewId } from "./state.ts";
import { PanelToolbar } from "./toolbar.tsx";
import { VmList } from "./vm-list.tsx";

const VIEWS: readonly Tab<ViewId>[] = [
  { id: "vms", label: "VMs" },
  { id: "images", label: "Images" },
];

const ImagesView = lazy("The images", async () => (await import("./images/view.tsx")).ImagesView);
const ImageDialogView = lazy("This dialog", async () => (await import("./images/dialogs.tsx")).ImageDialogView);

export function App({ panel }: { panel: Panel }) {
  const view = useStore(panel.state, (state) => state.view);
  return (
    <PanelContext.Provider value={panel}>
      <div class="panel">
        <div class="panel-bar">
          <TabList
            label="Views"
            tabs={VIEWS}
            selected={view}
            prefix="view"
            onSelect={(view) => panel.state.dispatch({ view })}
          />
          <PanelToolbar />
        </div>
        <SettingsStrip />
        <CapabilityStrip />
        <main class="panel-main">
          <div class="view" role="tabpanel" id="view-panel" aria-labelledby={`view-tab-${view}`}>
            {view === "images" ? <ImagesView /> : <Vms />}
          </div>
        </main>
        <WorkList works={panel.works} />
      </div>
      <Dialogs />
      <ToastList toasts={panel.toasts} />
      <Announcer />
    </PanelContext.Provider>
  );
}

function Vms() {
  const panel = usePanel();
  const link = useVms((state) => state.link);
  const problem = useVms((state) => state.problem);
  const empty = useVms((state) => state.vms.length === 0);
  const starting = usePanelState((state) => state.running.has("quick"));
  const share = useStore(settings, (state) => state.listShare);
  useFirstSelection();
  useTitle();

  if (empty && link === "lost") {
    return (
      <EmptyState
        heading="The engine can't be reached"
        text={`${problem?.message ?? ""} ${problem?.hint ?? ""}`.trim()}
      >
        <Button kind="primary" label="Try again" onClick={() => panel.link.retry()} />
      </EmptyState>
    );
  }
  if (empty && link === "connecting") {
    return <EmptyState heading="Connecting" text="The engine is being started." busy />;
  }
  if (empty) {
    return (
      <EmptyState heading="No virtual machines yet" text="A quick VM boots a small Linux to its shell in this browser.">
        <Button kind="primary" icon="quick" label="Quick VM" busy={starting} onClick={() => void startQuickVm(panel)} />
      </EmptyState>
    );
  }
  return (
    <Split
      label="Width of the list"
      share={share}
      minFirst={120}
      minSecond={220}
      onShare={(listShare) => settings.dispatch({ listShare })}
      first={<VmList />}
      second={<Details />}
    />
  );
}

/** Tabs of the browser are told apart by the VM that they show. */
function useTitle(): void {
  const name = useSelectedVm()?.profile.name;
  useEffect(() => {
    document.title = name === undefined ? "QemuWeb" : `${name} - QemuWeb`;
  }, [name]);
}

/** Selects the first VM when nothing is, and lets go of one that is gone. */
function useFirstSelection(): void {
  const panel = usePanel();
  const selected = usePanelState((state) => state.selected);
  const link = useVms((state) => state.link);
  const vms = useVms((state) => state.vms);
  useEffect(() => {
    if (link !== "ready" || vms.some((vm) => vm.id === selected)) return;
    const first = vms.find((vm) => vm.state === "running") ?? vms[0];
    panel.state.dispatch({ selected: first?.id });
  }, [link, vms, selected]);
}

function Dialogs() {
  const panel = usePanel();
  const dialog = usePanelState((state) => state.dialog);
  const close = () => panel.state.dispatch({ dialog: undefined });
  if (!dialog) return null;
  switch (dialog.type) {
    case "new":
      return <NewVmDialog request={dialog} onClose={close} />;
    case "delete":
      return <DeleteDialog id={dialog.id} onClose={close} />;
    case "stop":
    case "reset":
      return <ForceDialog action={dialog.type} id={dialog.id} onClose={close} />;
    default:
      return <ImageDialogView dialog={dialog} onClose={close} />;
  }
}
