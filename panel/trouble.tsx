import type { VmInfo, VmState } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { Icon, type IconName } from "../src/ui/icon.tsx";
import { useSaidOnce } from "../src/ui/use-said-once.ts";
import { STATE_LOOKS } from "../src/ui/vm-state.ts";
import { actOnVm, forceVm } from "./actions.ts";
import { usePanel, usePanelState } from "./context.ts";
import { remedyFor } from "./remedy.ts";
import { operationKey } from "./state.ts";

/** What helps a VM in trouble most likely. */
const REMEDIES: Partial<Record<VmState, { action: "resume" | "reset" | "stop"; label: string; icon: IconName }>> = {
  paused: { action: "resume", label: "Resume", icon: "play" },
  crashed: { action: "reset", label: "Reset", icon: "reset" },
  "shutting-down": { action: "stop", label: "Force off", icon: "stop" },
};

/** Why the VM is where its user didn't bring it, and what to do, whichever tab is open. */
export function Trouble({ vm }: { vm: VmInfo }) {
  const { toasts } = usePanel();
  // An off VM's reason is no trouble: the console and the overview tell it.
  const reason = vm.state === "off" || vm.state === "stopping" ? undefined : vm.reason;
  useSaidOnce(toasts, [reason?.message]);
  if (!reason) return vm.disposable ? <Disposable /> : null;
  const isError = vm.state === "failed" || vm.state === "crashed";
  return (
    <div class={`strip selectable ${isError ? "strip-error" : "strip-warning"}`} role="alert">
      <div class="strip-line">
        <span class={isError ? "tone-error" : "tone-warning"}>
          <Icon name={isError ? STATE_LOOKS[vm.state].icon : "warning"} />
        </span>
        <p class="strip-text">
          <strong>{reason.message}</strong> {reason.hint}
        </p>
        <Place vm={vm} code={reason.code} />
        <Remedy vm={vm} />
      </div>
    </div>
  );
}

function Disposable() {
  return (
    <div class="strip" role="status">
      <div class="strip-line">
        <p class="strip-text">
          <strong>Changes are not saved.</strong> What is written to the disks is forgotten at power-off.
        </p>
      </div>
    </div>
  );
}

/** Leads to where the error can be dealt with, unless that is what the user looks at. */
function Place({ vm, code }: { vm: VmInfo; code: string }) {
  const panel = usePanel();
  usePanelState((state) => state.tab); // it goes when its tab is there
  const remedy = remedyFor(panel, code, vm.id);
  return remedy ? <Button label={remedy.label} onClick={remedy.onClick} /> : null;
}

function Remedy({ vm }: { vm: VmInfo }) {
  const panel = usePanel();
  const remedy = REMEDIES[vm.state];
  const busy = usePanelState((state) => remedy && state.running.has(operationKey(remedy.action, vm.id))) ?? false;
  if (!remedy) return null;
  const { action, label, icon } = remedy;
  const act = () => (action === "resume" ? void actOnVm(panel, action, vm.id) : forceVm(panel, action, vm));
  return <Button label={label} icon={icon} disabled={vm.disabled[action]} busy={busy} onClick={act} />;
}
