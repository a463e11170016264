import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { toErrorData } from "../src/core/errors.ts";
import type { VmInfo } from "../src/engine/api.ts";
import { EmptyState } from "../src/ui/empty-state.tsx";
import { type Tab, TabList } from "../src/ui/tabs.tsx";
import { usePanel, usePanelState, useSelectedVm } from "./context.ts";
import { OverviewTab } from "./overview-tab.tsx";
import type { TabId } from "./state.ts";
import { Trouble } from "./trouble.tsx";
import { rowOf } from "./vm-list.tsx";

export interface TabProps {
  vm: VmInfo;
}

const TABS: readonly Tab<TabId>[] = [
  { id: "overview", label: "Overview" },
  { id: "console", label: "Console" },
  { id: "snapshots", label: "Snapshots" },
  { id: "log", label: "Log" },
];

/** The code of a tab is loaded when it opens first. */
const LOADERS: Record<TabId, () => Promise<ComponentType<TabProps>>> = {
  overview: async () => OverviewTab,
  console: async () => (await import("./console-tab.tsx")).ConsoleTab,
  snapshots: async () => (await import("./snapshots-tab.tsx")).SnapshotsTab,
  log: async () => (await import("./log-tab.tsx")).LogTab,
};

export function Details() {
  const panel = usePanel();
  const vm = useSelectedVm();
  const tab = usePanelState((state) => state.tab);
  const focus = usePanelState((state) => state.focusDetails);
  const root = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (!focus || tab === "console" || !root.current) return;
    root.current.querySelector<HTMLElement>("[role=tab][tabindex='0']")?.focus();
    panel.state.dispatch({ focusDetails: false });
  }, [focus, tab]);

  if (!vm)
    return <EmptyState heading="No VM selected" text="Select a VM in the list to see its console and its log." />;
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
        <LoadedTab key={tab} id={tab} vm={vm} />
      </div>
    </section>
  );
}

function LoadedTab({ id, vm }: { id: TabId; vm: VmInfo }) {
  const [View, setView] = useState<ComponentType<TabProps>>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let current = true;
    LOADERS[id]().then(
      (view) => current && setView(() => view),
      (thrown) => current && setProblem(toErrorData(thrown).message),
    );
    return () => {
      current = false;
    };
  }, []);
  if (problem)
    return <EmptyState heading="This tab could not be loaded" text={`${problem} Close and open DevTools.`} />;
  return View ? <View key={vm.id} vm={vm} /> : null;
}
