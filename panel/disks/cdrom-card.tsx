import { useState } from "preact/hooks";
import type { VmInfo } from "../../src/engine/api.ts";
import { Button } from "../../src/ui/button.tsx";
import { Icon } from "../../src/ui/icon.tsx";
import { isAlive } from "../../src/ui/vm-state.ts";
import { usePanel } from "../context.ts";
import { removeDrive, setCdrom } from "../disk-actions.ts";
import { useImages } from "../use-answer.ts";
import { attempt } from "../work.ts";
import type { DiskDialog } from "./dialog.ts";

export interface CdromCardProps {
  vm: VmInfo;
  /** Why the VM's hardware can't be changed now; and why no CD can be put in or taken out. */
  locked: string | undefined;
  fixed: string | undefined;
  onDialog: (dialog: DiskDialog) => void;
}

export function CdromCard({ vm, locked, fixed, onDialog }: CdromCardProps) {
  const panel = usePanel();
  const [ejecting, setEjecting] = useState(false);
  const { cdrom } = vm.profile;
  const hasDrive = cdrom !== undefined;
  const noDrive = isAlive(vm.state) && !hasDrive ? "Shut the VM down first: it started without a drive." : undefined;
  const eject = async () => {
    setEjecting(true);
    await attempt(panel, () => setCdrom(panel, vm.id, null));
    setEjecting(false);
  };
  return (
    <li class="disk-card" data-disk="cdrom0" aria-label="CD-ROM">
      <h3 class="disk-title">
        <Icon name="disc" />
        <span class="disk-id">CD-ROM</span>
        <Medium vm={vm} />
      </h3>
      <div class="disk-tools">
        <Button
          kind="tool"
          icon="disc"
          label={cdrom ? "Change CD" : "Insert CD"}
          disabled={fixed ?? noDrive}
          onClick={() => onDialog({ type: "insert" })}
        />
        <Button
          kind="tool"
          icon="eject"
          label="Eject"
          busy={ejecting}
          disabled={fixed ?? (cdrom ? undefined : "There is no CD in it.")}
          onClick={() => void eject()}
        />
        {hasDrive && (
          <Button
            kind="tool"
            icon="close"
            label="Remove drive"
            disabled={locked ?? (cdrom ? "Eject the CD first." : undefined)}
            onClick={() => void attempt(panel, () => removeDrive(panel, vm.id))}
          />
        )}
      </div>
    </li>
  );
}

/** What is in the drive. */
function Medium({ vm }: { vm: VmInfo }) {
  const { value: images } = useImages();
  const { cdrom } = vm.profile;
  if (!cdrom) return <span class="disk-name subtle">{cdrom === null ? "Empty" : "No drive"}</span>;
  if (cdrom.from === "image") {
    const image = images?.find(({ id }) => id === cdrom.id);
    return <span class="disk-name">{image?.name ?? "Image of the library"}</span>;
  }
  return (
    <>
      <span class="disk-name">{cdrom.name}</span>
      {cdrom.from === "user" && <span class="subtle">stored with this VM</span>}
    </>
  );
}
