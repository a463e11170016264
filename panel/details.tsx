import type { ComponentType } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { VmInfo } from "../src/engine/api.ts";
import { EmptyState } from "../src/ui/empty-state.tsx";
import { rowOf } from "../src/ui/grid.tsx";
import { lazy } from "../src/ui/lazy.tsx";
import { type Tab, TabList } from "../src/ui/tabs.tsx";
import { usePanel, usePanelState, useSelectedVm } from "./context.ts";
import { OverviewTab } from "./overview-tab.tsx";
import type { TabId } from "./state.ts";
import { Trouble } from "./trouble.tsx";

export interface TabProps {
  vm: VmInfo;
}

const TABS: readonly Tab<TabId>[] = [
  { id: "overview", label: "Overview" },
  { id: "console", label: "Console" },
  { id: "display", label: "Display" },
  { id: "disks", label: "Disks" },
  { id: "network", label: "Network" },
  { id: "snapshots", label: "Snapshots" },
  { id: "log", label: "Log" },
  { id: "hmp", label: "HMP" },
  { id: "qmp", label: "QMP" },
];

const VIEWS: Record<TabId, ComponentType<TabProps>> = {
  overview: OverviewTab,
  console: lazy("This tab", async () => (await import("./console-tab.tsx")).ConsoleTab),
  display: lazy("This tab", async () => (await import("./display-tab.tsx")).DisplayTab),
  disks: lazy("This tab", async () => (await import("./disks/tab.tsx")).DisksTab),
  network: lazy("This tab", async () => (await import("./network/tab.tsx")).NetworkTab),
  snapshots: lazy("This tab", async () => (await import("./snapshots-tab.tsx")).SnapshotsTab),
  log: lazy("This tab", async () => (await import("./log-tab.tsx")).LogTab),
  hmp: lazy("This tab", async () => (await import("./hmp-tab.tsx")).HmpTab),
  qmp: lazy("This tab", async () => (await import("./qmp-tab.tsx")).QmpTab),
};

export function Details() {
  const panel = usePanel();
  const vm = useSelectedVm();
  const tab = usePanelState((state) => state.tab);
  const focus = usePanelState((state) => state.focusDetails);
  const root = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (!focus || tab === "console" || tab === "display" || !root.current) return;
    root.current.querySelector<HTMLElement>("[role=tab][tabindex='0']")?.focus();
    panel.state.dispatch({ focusDetails: false });
  }, [focus, tab]);

  if (!vm)
    return <EmptyState heading="No VM selected" text="Select a VM in the list to see its console and its log." />;
  const View = VIEWS[tab];
  const backToRow = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation(); // DevTools would toggle its drawer
    rowOf(document, vm.id)?.focus();
  };
  return (
    <section class="details" aria-label={vm.profile.name} ref={root} onKeyDown={backToRow}>
      <TabList
        label={`Details of ${vm.profile.name}`}
        tabs={TABS}
        selected={tab}
        prefix="details"
        onSelect={(id) => panel.state.dispatch({ tab: id })}
      />
      <Trouble vm={vm} />
      <div class="tab-panel" role="tabpanel" id="details-panel" aria-labelledby={`details-tab-${tab}`}>
        <View key={`${tab} ${vm.id}`} vm={vm} />
      </div>
    </section>
  );
}
