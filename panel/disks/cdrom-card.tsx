import type { VmInfo } from "../../src/engine/api.ts";
import { Button } from "../../src/ui/button.tsx";
import { Icon } from "../../src/ui/icon.tsx";
import { usePanel } from "../context.ts";
import { setCdrom } from "../disk-actions.ts";
import { useImages } from "../use-answer.ts";
import { attempt } from "../work.ts";
import type { DiskDialog } from "./dialog.ts";

export interface CdromCardProps {
  vm: VmInfo;
  locked: string | undefined;
  onDialog: (dialog: DiskDialog) => void;
}

export function CdromCard({ vm, locked, onDialog }: CdromCardProps) {
  const panel = usePanel();
  const { value: images } = useImages();
  const { cdrom } = vm.profile;
  const name = cdrom?.from === "image" ? images?.find((image) => image.id === cdrom.id)?.name : cdrom?.name;
  return (
    <li class="disk-card" data-disk="cdrom0" aria-label="CD-ROM">
      <h3 class="disk-title">
        <Icon name="disc" />
        <span class="disk-id">CD-ROM</span>
        <span class={cdrom ? "disk-name" : "disk-name subtle"}>
          {cdrom ? (name ?? "Image of the library") : "Empty"}
        </span>
        {cdrom?.from === "user" && <span class="subtle">stored with this VM</span>}
      </h3>
      <div class="disk-tools">
        <Button
          kind="tool"
          icon="disc"
          label={cdrom ? "Change CD" : "Insert CD"}
          disabled={locked}
          onClick={() => onDialog({ type: "insert" })}
        />
        <Button
          kind="tool"
          icon="eject"
          label="Eject"
          disabled={locked ?? (cdrom ? undefined : "The drive is empty.")}
          onClick={() => void attempt(panel, () => setCdrom(panel, vm.id, undefined))}
        />
      </div>
    </li>
  );
}
