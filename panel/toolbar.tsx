import { Button } from "../src/ui/button.tsx";
import { Icon } from "../src/ui/icon.tsx";
import { Toolbar, ToolbarDivider, ToolbarSpacer } from "../src/ui/toolbar.tsx";
import { isAlive } from "../src/ui/vm-state.ts";
import { actOnVm, openInTab, startQuickVm } from "./actions.ts";
import { usePanel, usePanelState, useSelectedVm, useVms } from "./context.ts";
import { operationKey } from "./state.ts";

const NO_VM = "Select a VM first.";
const NO_ENGINE = "The engine is not connected.";

export function PanelToolbar() {
  const panel = usePanel();
  const offline = useVms((state) => state.link !== "ready") ? NO_ENGINE : undefined;
  const quick = usePanelState((state) => state.running.has("quick"));
  const filter = usePanelState((state) => state.filter);
  const settingsOpen = usePanelState((state) => state.settingsOpen);
  const selected = usePanelState((state) => state.selected);
  return (
    <Toolbar label="Virtual machines">
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

/** Start or Stop, whichever applies to the selected VM, and Reset. */
function VmTools({ offline }: { offline: string | undefined }) {
  const panel = usePanel();
  const vm = useSelectedVm();
  const running = usePanelState((state) => state.running);
  const why = offline ?? (vm ? undefined : NO_VM);
  const action = vm && isAlive(vm.state) ? "stop" : "start";
  const act = (name: "start" | "stop" | "reset") => vm && void actOnVm(panel, name, vm.id);
  const busy = (name: "start" | "stop" | "reset") => running.has(operationKey(name, vm?.id));
  return (
    <>
      {action === "stop" ? (
        <Button
          kind="tool"
          icon="stop"
          iconOnly
          label="Stop"
          title="Force off: like pulling the plug"
          disabled={why ?? vm?.disabled.stop}
          busy={busy("stop")}
          onClick={() => act("stop")}
        />
      ) : (
        <Button
          kind="tool"
          icon="play"
          iconOnly
          label="Start"
          disabled={why ?? vm?.disabled.start}
          busy={busy("start")}
          onClick={() => act("start")}
        />
      )}
      <Button
        kind="tool"
        icon="reset"
        iconOnly
        label="Reset"
        title="Reset: like the machine's reset button"
        disabled={why ?? vm?.disabled.reset}
        busy={busy("reset")}
        onClick={() => act("reset")}
      />
    </>
  );
}

/** What goes on right now, in two words. */
function Progress() {
  const link = useVms((state) => state.link);
  const starting = useVms((state) => state.vms.filter((vm) => vm.state === "starting").length);
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
