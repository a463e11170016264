import { useState } from "preact/hooks";
import type { VmInfo } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { EmptyState } from "../src/ui/empty-state.tsx";
import { filesOf, takesFiles } from "../src/ui/file-drop.ts";
import { formatMemory, formatUptime } from "../src/ui/format.ts";
import { Grid, type GridColumn } from "../src/ui/grid.tsx";
import { useNow } from "../src/ui/use-now.ts";
import { isAlive } from "../src/ui/vm-state.ts";
import { VmStateLabel } from "../src/ui/vm-state-label.tsx";
import { filterVms } from "../src/ui/vms.ts";
import { focusDetails, selectVm } from "./actions.ts";
import { usePanel, usePanelState, useVms } from "./context.ts";
import { VmMenu } from "./vm-menu.tsx";

const COLUMNS: readonly GridColumn[] = [
  { id: "state", label: "State" },
  { id: "name", label: "Name" },
  { id: "uptime", label: "Uptime", number: true },
  { id: "memory", label: "Memory", number: true },
];

/** The VMs: Enter goes into the details, Delete asks, dropped files make a VM. */
export function VmList() {
  const panel = usePanel();
  const all = useVms((state) => state.vms);
  const filter = usePanelState((state) => state.filter);
  const selected = usePanelState((state) => state.selected);
  const [menu, setMenu] = useState<{ id: string; x: number; y: number }>();
  const vms = filterVms(all, filter);
  const now = useNow(vms.some((vm) => vm.startedAt !== undefined && isAlive(vm.state)));
  return (
    <section
      class="vm-list"
      aria-label="Virtual machines"
      onDragOver={takesFiles}
      onDrop={(event) => {
        const files = filesOf(event);
        if (files.length > 0) panel.state.dispatch({ dialog: { type: "new", files } });
      }}
    >
      <Grid
        label="Virtual machines"
        kind="vm-cell"
        columns={COLUMNS}
        rows={vms.map((vm) => ({
          id: vm.id,
          title: vm.reason?.message,
          data: { "data-vm-id": vm.id, "data-state": vm.state },
          cells: [<VmStateLabel state={vm.state} />, vm.profile.name, uptime(vm, now), formatMemory(vm.profile.memory)],
        }))}
        selected={selected}
        onSelect={(id) => selectVm(panel, id)}
        onOpen={() => focusDetails(panel)}
        onDelete={(id) => panel.state.dispatch({ dialog: { type: "delete", id } })}
        onMenu={(id, at) => setMenu({ id, ...at })}
      />
      {vms.length === 0 && (
        <EmptyState heading="No match" text={`No VM has “${filter.trim()}” in its name or state.`}>
          <Button label="Clear filter" onClick={() => panel.state.dispatch({ filter: "" })} />
        </EmptyState>
      )}
      {menu && <VmMenu id={menu.id} at={menu} onClose={() => setMenu(undefined)} />}
    </section>
  );
}

function uptime(vm: VmInfo, now: number): string {
  return vm.startedAt !== undefined && isAlive(vm.state) ? formatUptime(now - vm.startedAt) : "";
}
