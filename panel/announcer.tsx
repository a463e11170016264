import { useEffect, useState } from "preact/hooks";
import { showError } from "../src/ui/toasts.ts";
import { announcement } from "../src/ui/vm-state.ts";
import { usePanel } from "./context.ts";

/** Tells screen readers of state changes; what fails out of sight is a toast as well. */
export function Announcer() {
  const panel = usePanel();
  const [text, setText] = useState("");
  useEffect(() => {
    let before = panel.link.store.get().vms;
    return panel.link.store.subscribe(() => {
      const now = panel.link.store.get().vms;
      if (now === before) return;
      const known = new Map(before.map((vm) => [vm.id, vm]));
      before = now;
      const changed = now.flatMap((vm) => {
        const text = announcement(known.get(vm.id), vm);
        const failed = text !== undefined && (vm.state === "failed" || vm.state === "crashed");
        if (failed && vm.reason && vm.id !== panel.state.get().selected) {
          showError(panel.toasts, { ...vm.reason, message: `${vm.profile.name}: ${vm.reason.message}` });
        }
        return text === undefined ? [] : [text];
      });
      if (changed.length > 0) setText(changed.join(" "));
    });
  }, []);
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
