import type { VmId } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { Modal } from "../src/ui/modal.tsx";
import { findVm } from "../src/ui/vms.ts";
import { deleteVm } from "./actions.ts";
import { usePanel, useVms } from "./context.ts";

export function DeleteDialog({ id, onClose }: { id: VmId; onClose: () => void }) {
  const panel = usePanel();
  const vm = useVms((state) => findVm(state, id));
  if (!vm) return null;
  const confirm = () => {
    onClose();
    void deleteVm(panel, id);
  };
  return (
    <Modal
      title={`Delete ${vm.profile.name}?`}
      narrow
      onClose={onClose}
      footer={
        <>
          <Button label="Cancel" autofocus onClick={onClose} />
          <Button kind="danger" label="Delete" disabled={vm.disabled.delete} onClick={confirm} />
        </>
      }
    >
      <p>
        Its settings, its snapshots, what was written to its disks, and the copies of your files that are stored with it
        are removed from this browser for good. Images of the library stay.
      </p>
      {vm.disabled.delete && <p class="tone-error">{vm.disabled.delete}</p>}
    </Modal>
  );
}
