import type { VmId } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { Modal } from "../src/ui/modal.tsx";
import { findVm } from "../src/ui/vms.ts";
import { actOnVm } from "./actions.ts";
import { usePanel, useVms } from "./context.ts";
import type { ForcedAction } from "./state.ts";

const WORDS: Record<ForcedAction, { label: string; text: string }> = {
  stop: {
    label: "Force off",
    text: "Like pulling the plug: what the guest has not written to its disks is lost. Shutting down lets it end in order.",
  },
  reset: {
    label: "Reset",
    text: "Like the machine's reset button: what the guest has not written to its disks is lost, and it boots anew.",
  },
};

export function ForceDialog({ action, id, onClose }: { action: ForcedAction; id: VmId; onClose: () => void }) {
  const panel = usePanel();
  const vm = useVms((state) => findVm(state, id));
  if (!vm) return null;
  const { label, text } = WORDS[action];
  const why = vm.disabled[action];
  const confirm = () => {
    onClose();
    void actOnVm(panel, action, id);
  };
  return (
    <Modal
      title={action === "stop" ? `Force ${vm.profile.name} off?` : `Reset ${vm.profile.name}?`}
      narrow
      onClose={onClose}
      footer={
        <>
          <Button label="Cancel" autofocus onClick={onClose} />
          <Button kind="danger" label={label} disabled={why} onClick={confirm} />
        </>
      }
    >
      <p>{text}</p>
      {why && <p class="tone-error">{why}</p>}
    </Modal>
  );
}
