// biome-ignore-all lint/a11y/useSemanticElements: a grid of selectable rows is no table
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is on rows, never on their cells
import { useEffect, useRef, useState } from "preact/hooks";
import type { VmInfo } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { EmptyState } from "../src/ui/empty-state.tsx";
import { formatMemory, formatUptime } from "../src/ui/format.ts";
import { useNow } from "../src/ui/use-now.ts";
import { isAlive } from "../src/ui/vm-state.ts";
import { VmStateLabel } from "../src/ui/vm-state-label.tsx";
import { filterVms } from "../src/ui/vms.ts";
import { focusDetails, selectVm } from "./actions.ts";
import { usePanel, usePanelState, useVms } from "./context.ts";
import { VmMenu } from "./vm-menu.tsx";

const COLUMNS = ["State", "Name", "Uptime", "Memory"] as const;

/** The VMs as a grid: one Tab stop, arrows move and select, Enter goes into the details, Delete asks. */
export function VmList() {
  const panel = usePanel();
  const all = useVms((state) => state.vms);
  const filter = usePanelState((state) => state.filter);
  const selected = usePanelState((state) => state.selected);
  const [menu, setMenu] = useState<{ vm: VmInfo; x: number; y: number }>();
  const grid = useRef<HTMLDivElement>(null);
  const vms = filterVms(all, filter);
  const now = useNow(vms.some((vm) => vm.startedAt !== undefined && isAlive(vm.state)));

  const goTo = (vm: VmInfo | undefined) => {
    if (!vm) return;
    selectVm(panel, vm.id);
    rowOf(grid.current, vm.id)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = vms.findIndex((vm) => vm.id === panel.state.get().selected); // keys may come faster than renders
    const vm = vms[at];
    const last = vms.length - 1;
    const to = {
      ArrowDown: Math.min(last, at + 1),
      ArrowUp: Math.max(0, at - 1),
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) goTo(vms[to]);
    else if (event.key === "Enter") focusDetails(panel);
    else if (event.key === "Delete" && vm) panel.state.dispatch({ dialog: { type: "delete", id: vm.id } });
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    if (selected !== undefined) rowOf(grid.current, selected)?.scrollIntoView({ block: "nearest" });
  }, [selected]);

  return (
    <section class="vm-list" aria-label="Virtual machines" onDragOver={allowFiles} onDrop={(event) => dropFiles(event)}>
      <div class="vm-grid" role="grid" aria-label="Virtual machines" aria-rowcount={vms.length + 1} ref={grid}>
        <div class="vm-row vm-header" role="row" aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <span key={column} role="columnheader" class={`vm-cell vm-cell-${column.toLowerCase()}`}>
              {column}
            </span>
          ))}
        </div>
        {vms.map((vm, index) => (
          <VmRow
            key={vm.id}
            vm={vm}
            index={index}
            now={now}
            selected={vm.id === selected}
            tabStop={vm.id === selected || (index === 0 && !vms.some((v) => v.id === selected))}
            onSelect={() => selectVm(panel, vm.id)}
            onOpen={() => focusDetails(panel)}
            onMenu={(x, y) => {
              goTo(vm);
              setMenu({ vm, x, y });
            }}
            onKeyDown={onKeyDown}
          />
        ))}
      </div>
      {vms.length === 0 && (
        <EmptyState heading="No match" text={`No VM has “${filter.trim()}” in its name or state.`}>
          <Button label="Clear filter" onClick={() => panel.state.dispatch({ filter: "" })} />
        </EmptyState>
      )}
      {menu && <VmMenu id={menu.vm.id} at={menu} onClose={() => setMenu(undefined)} />}
    </section>
  );

  function dropFiles(event: DragEvent): void {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    panel.state.dispatch({ dialog: { type: "new", files } });
  }
}

interface RowProps {
  vm: VmInfo;
  index: number;
  now: number;
  selected: boolean;
  tabStop: boolean;
  onSelect: () => void;
  onOpen: () => void;
  onMenu: (x: number, y: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

function VmRow({ vm, index, now, selected, tabStop, onSelect, onOpen, onMenu, onKeyDown }: RowProps) {
  const uptime = vm.startedAt !== undefined && isAlive(vm.state) ? formatUptime(now - vm.startedAt) : "";
  const menuAtRow = (event: MouseEvent) => {
    event.preventDefault();
    const row = event.currentTarget;
    const fromKeyboard = event.clientX === 0 && event.clientY === 0;
    const box = fromKeyboard && row instanceof HTMLElement ? row.getBoundingClientRect() : undefined;
    onMenu(box ? box.left + 24 : event.clientX, box ? box.bottom : event.clientY);
  };
  return (
    <div
      class="vm-row"
      role="row"
      data-vm-id={vm.id}
      data-state={vm.state}
      aria-rowindex={index + 2}
      aria-selected={selected}
      tabIndex={tabStop ? 0 : -1}
      title={vm.reason?.message}
      onClick={onSelect}
      onFocus={onSelect}
      onDblClick={onOpen}
      onContextMenu={menuAtRow}
      onKeyDown={onKeyDown}
    >
      <span role="gridcell" class="vm-cell vm-cell-state">
        <VmStateLabel state={vm.state} />
      </span>
      <span role="gridcell" class="vm-cell vm-cell-name">
        {vm.profile.name}
      </span>
      <span role="gridcell" class="vm-cell vm-cell-uptime">
        {uptime}
      </span>
      <span role="gridcell" class="vm-cell vm-cell-memory">
        {formatMemory(vm.profile.memory)}
      </span>
    </div>
  );
}

/** The row of a VM, for giving it the focus. */
export function rowOf(within: ParentNode | null, id: string): HTMLElement | null {
  return within?.querySelector<HTMLElement>(`[role="row"][data-vm-id="${CSS.escape(id)}"]`) ?? null;
}

function allowFiles(event: DragEvent): void {
  if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
}
