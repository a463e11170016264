import type { VmId } from "../src/engine/api.ts";
import type { Disk } from "../src/model/profile.ts";
import { Menu, type MenuItem } from "../src/ui/menu.tsx";
import { findVm } from "../src/ui/vms.ts";
import { actOnVm, forceVm, openInTab, startVm } from "./actions.ts";
import { usePanel, useVms } from "./context.ts";

const isWritten = ({ access }: Disk) => access !== "readonly";

/** The context menu of a row: it acts on that row's VM. */
export function VmMenu({ id, at, onClose }: { id: VmId; at: { x: number; y: number }; onClose: () => void }) {
  const panel = usePanel();
  const vm = useVms((state) => findVm(state, id));
  if (!vm) return null;
  const { disabled } = vm;
  const act = (action: "start" | "shutdown" | "pause" | "resume") => () => void actOnVm(panel, action, id);
  const items: MenuItem[] = [
    { label: "Start", icon: "play", disabled: disabled.start, onSelect: act("start") },
    {
      label: "Run without saving changes",
      icon: "play",
      disabled: disabled.start ?? (vm.profile.disks.some(isWritten) ? undefined : "It has no disk that it writes to."),
      onSelect: () => void startVm(panel, id, true),
    },
    { label: "Shut down", icon: "power", disabled: disabled.shutdown, onSelect: act("shutdown") },
    vm.state === "paused"
      ? { label: "Resume", icon: "play", disabled: disabled.resume, onSelect: act("resume") }
      : { label: "Pause", icon: "pause", disabled: disabled.pause, onSelect: act("pause") },
    { label: "Reset", icon: "reset", disabled: disabled.reset, onSelect: () => forceVm(panel, "reset", vm) },
    { label: "Force off", icon: "stop", disabled: disabled.stop, onSelect: () => forceVm(panel, "stop", vm) },
    { label: "Open in tab", icon: "tab", onSelect: () => openInTab(id) },
    {
      label: "Delete",
      icon: "delete",
      disabled: disabled.delete,
      onSelect: () => panel.state.dispatch({ dialog: { type: "delete", id } }),
    },
  ];
  return <Menu label={vm.profile.name} at={at} items={items} onClose={onClose} />;
}
