import { useState } from "preact/hooks";
import { SizeField } from "../../src/ui/fields.tsx";
import { FormDialog } from "../../src/ui/form-dialog.tsx";
import { formatBytes } from "../../src/ui/format.ts";
import { describeChanges } from "../../src/ui/images.ts";
import { parseSize, sizeText } from "../../src/ui/size-field.ts";
import { showInfo } from "../../src/ui/toasts.ts";
import { isAlive } from "../../src/ui/vm-state.ts";
import { usePanel } from "../context.ts";
import { detachDisk } from "../disk-actions.ts";
import { Attach, Insert } from "./attach-dialogs.tsx";
import type { DiskDialog, DiskDialogProps, VmDialogProps } from "./dialog.ts";
import { Commit, Export, Import } from "./transfer-dialogs.tsx";

export function DiskDialogView({ dialog, ...props }: VmDialogProps & { dialog: DiskDialog }) {
  switch (dialog.type) {
    case "attach":
      return <Attach {...props} />;
    case "insert":
      return <Insert {...props} />;
    case "detach":
      return <Detach {...props} disk={dialog.disk} />;
    case "resize":
      return <Resize {...props} disk={dialog.disk} />;
    case "discard":
      return <Discard {...props} disk={dialog.disk} />;
    case "commit":
      return <Commit {...props} disk={dialog.disk} />;
    case "export":
      return <Export {...props} disk={dialog.disk} />;
    case "import":
      return <Import {...props} disk={dialog.disk} />;
  }
}

function Detach({ vm, disk, onClose }: DiskDialogProps) {
  const panel = usePanel();
  const submit = async () => {
    await detachDisk(panel, disk);
    return true;
  };
  const stored = vm.profile.disks.find((other) => other.id === disk.disk)?.file.from !== "image";
  return (
    <FormDialog title={`Detach ${disk.disk}?`} submit="Detach" danger onSubmit={submit} onClose={onClose}>
      {disk.changes && (
        <p class="form-text">{`Its changes (${describeChanges(disk)}) are deleted for good. Export or commit them first to keep them.`}</p>
      )}
      {isAlive(vm.state) && <p class="form-text">The guest is asked to let go of it: unmount what is on it first.</p>}
      {stored && <p class="form-text">{`${disk.name} is stored with this VM alone: it is deleted too.`}</p>}
    </FormDialog>
  );
}

function Discard({ disk, onClose }: DiskDialogProps) {
  const panel = usePanel();
  const submit = async () => {
    await panel.link.engine().discardChanges(disk.vm, disk.disk);
    showInfo(panel.toasts, `${disk.disk} is as ${disk.name} again.`);
    return true;
  };
  return (
    <FormDialog title={`Discard changes of ${disk.disk}?`} submit="Discard" danger onSubmit={submit} onClose={onClose}>
      <p class="form-text">{`What was written to it (${describeChanges(disk)}) is deleted for good: the disk begins anew as ${disk.name} is.`}</p>
    </FormDialog>
  );
}

function Resize({ disk, onClose }: DiskDialogProps) {
  const panel = usePanel();
  const before = disk.virtualSize ?? 0;
  const [size, setSize] = useState(() => sizeText(before));
  const [checked, setChecked] = useState(false);
  const bytes = parseSize(size);
  const problem =
    typeof bytes === "object"
      ? bytes.problem
      : bytes <= before
        ? `Enter a size above ${formatBytes(before)}: a disk can't shrink.`
        : undefined;
  const submit = async () => {
    setChecked(true);
    if (problem || typeof bytes === "object") return false;
    await panel.link.engine().resizeDisk(disk.vm, disk.disk, bytes);
    return true;
  };
  return (
    <FormDialog title={`Resize ${disk.disk}`} submit="Resize" onSubmit={submit} onClose={onClose}>
      <SizeField label="New size" value={size} problem={checked ? problem : undefined} onChange={setSize} />
      <p class="form-text subtle">
        {`It has ${formatBytes(before)} now. The guest sees a larger disk; partitions and file systems on it are grown there.`}
      </p>
    </FormDialog>
  );
}
