import { useRef, useState } from "preact/hooks";
import type { VmId, VmInfo } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { Icon, type IconName } from "../src/ui/icon.tsx";
import { lazy } from "../src/ui/lazy.tsx";
import { Toolbar, ToolbarDivider, ToolbarSpacer } from "../src/ui/toolbar.tsx";
import { isAlive } from "../src/ui/vm-state.ts";
import { actOnVm, openInTab, startQuickVm } from "./actions.ts";
import { usePanel, usePanelState, useSelectedVm, useVms } from "./context.ts";
import { operationKey } from "./state.ts";
import { VmMenu } from "./vm-menu.tsx";

const NO_VM = "Select a VM first.";
const SHUT_DOWN = "Shut down: ask the guest, as its power button does";
const NO_ENGINE = "The engine is not connected.";

const ImageTools = lazy("The tools", async () => (await import("./images/tools.tsx")).ImageTools);

/** What the view that is shown offers, then what every view has. */
export function PanelToolbar() {
  const panel = usePanel();
  const offline = useVms((state) => state.link !== "ready") ? NO_ENGINE : undefined;
  const view = usePanelState((state) => state.view);
  const settingsOpen = usePanelState((state) => state.settingsOpen);
  const selected = usePanelState((state) => state.selected);
  return (
    <Toolbar label={view === "images" ? "Images" : "Virtual machines"}>
      {view === "images" ? <ImageTools offline={offline} /> : <Tools offline={offline} />}
      <ToolbarSpacer />
      <Progress />
      {panel.inDevtools && (
        <Button kind="tool" icon="tab" iconOnly label="Open in tab" onClick={() => openInTab(selected)} />
      )}
      <Button
        kind="tool"
        icon="gear"
        iconOnly
        label="Settings"
        expanded={settingsOpen}
        onClick={() => panel.state.dispatch({ settingsOpen: !settingsOpen })}
      />
    </Toolbar>
  );
}

function Tools({ offline }: { offline: string | undefined }) {
  const panel = usePanel();
  const quick = usePanelState((state) => state.running.has("quick"));
  const filter = usePanelState((state) => state.filter);
  return (
    <>
      <VmTools offline={offline} />
      <ToolbarDivider />
      <Button
        kind="tool"
        icon="add"
        label="New VM"
        title="New VM from your own kernel, disk or CD-ROM"
        disabled={offline}
        onClick={() => panel.state.dispatch({ dialog: { type: "new", files: [] } })}
      />
      <Button
        kind="tool"
        icon="quick"
        label="Quick VM"
        title="Create the built-in Linux and start it"
        disabled={offline}
        busy={quick}
        onClick={() => void startQuickVm(panel)}
      />
      <ToolbarDivider />
      <input
        class="input toolbar-filter"
        type="search"
        placeholder="Filter"
        aria-label="Filter VMs"
        value={filter}
        onInput={(event) => panel.state.dispatch({ filter: event.currentTarget.value })}
      />
    </>
  );
}

/** Start or Shut down, Pause or Resume, whichever applies to the selected VM, and the menu with the rest. */
function VmTools({ offline }: { offline: string | undefined }) {
  const vm = useSelectedVm();
  const why = offline ?? (vm ? undefined : NO_VM);
  const [menu, setMenu] = useState<{ id: VmId; x: number; y: number }>();
  const more = useRef<HTMLSpanElement>(null);
  const openMenu = () => {
    const box = more.current?.getBoundingClientRect();
    if (vm && box) setMenu({ id: vm.id, x: box.left, y: box.bottom });
  };
  return (
    <>
      {vm && isAlive(vm.state) ? (
        <VmTool vm={vm} why={why} action="shutdown" icon="power" label="Shut down" title={SHUT_DOWN} />
      ) : (
        <VmTool vm={vm} why={why} action="start" icon="play" label="Start" />
      )}
      {vm?.state === "paused" ? (
        <VmTool vm={vm} why={why} action="resume" icon="play" label="Resume" />
      ) : (
        <VmTool vm={vm} why={why} action="pause" icon="pause" label="Pause" />
      )}
      <span ref={more}>
        <Button
          kind="tool"
          icon="more"
          iconOnly
          label="More actions"
          title="Reset, force off, and more"
          disabled={why}
          expanded={menu !== undefined}
          onClick={openMenu}
        />
      </span>
      {menu && <VmMenu id={menu.id} at={menu} onClose={() => setMenu(undefined)} />}
    </>
  );
}

interface VmToolProps {
  vm: VmInfo | undefined;
  why: string | undefined;
  action: "start" | "shutdown" | "pause" | "resume";
  icon: IconName;
  label: string;
  title?: string;
}

function VmTool({ vm, why, action, ...look }: VmToolProps) {
  const panel = usePanel();
  const busy = usePanelState((state) => state.running.has(operationKey(action, vm?.id)));
  const act = () => vm && void actOnVm(panel, action, vm.id);
  return <Button kind="tool" iconOnly {...look} disabled={why ?? vm?.disabled[action]} busy={busy} onClick={act} />;
}

/** What goes on right now, in two words. */
function Progress() {
  const link = useVms((state) => state.link);
  const starting = useVms(
    (state) => state.vms.filter((vm) => vm.state === "starting" || vm.state === "restoring").length,
  );
  const text =
    link === "connecting"
      ? "Connecting"
      : link === "lost"
        ? "Not connected"
        : starting > 1
          ? `Starting ${starting} VMs`
          : starting === 1
            ? "Starting"
            : undefined;
  if (!text) return null;
  return (
    <span class="toolbar-progress subtle">
      <span class={link === "lost" ? "tone-error" : "tone-busy"}>
        <Icon name={link === "lost" ? "warning" : "state-busy"} />
      </span>
      <span class="toolbar-progress-text">{text}</span>
    </span>
  );
}
