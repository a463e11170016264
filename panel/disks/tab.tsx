import "./disks.css";
import { useState } from "preact/hooks";
import { Button } from "../../src/ui/button.tsx";
import { EmptyState } from "../../src/ui/empty-state.tsx";
import { Toolbar, ToolbarSpacer } from "../../src/ui/toolbar.tsx";
import { useNow } from "../../src/ui/use-now.ts";
import { isAlive } from "../../src/ui/vm-state.ts";
import type { TabProps } from "../details.tsx";
import { whyFixed, whyLocked } from "../hardware.ts";
import { useAnswer } from "../use-answer.ts";
import { CdromCard } from "./cdrom-card.tsx";
import type { DiskDialog } from "./dialog.ts";
import { DiskDialogView } from "./dialogs.tsx";
import { DiskCard } from "./disk-card.tsx";

/** Milliseconds after which a running VM's disks are asked again what they take. */
const POLL = 5000;

const RUNNING = "Shut the VM down to export, resize or change disks.";

/** The VM's disks and its CD-ROM drive, and all that can be done with them. */
export function DisksTab({ vm }: TabProps) {
  const alive = isAlive(vm.state);
  const now = useNow(alive);
  const poll = alive ? Math.floor(now / POLL) : 0;
  const { value: disks, problem } = useAnswer((engine) => engine.listDisks(vm.id), [vm.id, vm.profile, poll]);
  const [dialog, setDialog] = useState<DiskDialog>();
  const locked = whyLocked(vm);
  const fixed = whyFixed(vm);
  const hasDrive = vm.profile.machine !== "microvm";
  return (
    <div class="disks">
      <Toolbar label="Disks">
        <Button
          kind="tool"
          icon="add"
          label="Attach disk"
          disabled={fixed}
          onClick={() => setDialog({ type: "attach" })}
        />
        <ToolbarSpacer />
        {locked && (
          <span class="disks-locked subtle" title={RUNNING}>
            {RUNNING}
          </span>
        )}
      </Toolbar>
      <div class="disks-list">
        {problem && <EmptyState heading="The disks can't be read" text={`${problem.message} ${problem.hint}`} />}
        {disks && (disks.length > 0 || hasDrive) && (
          <ul class="disk-cards" aria-label="Disks">
            {disks.map((disk) => (
              <DiskCard key={disk.disk} vm={vm} disk={disk} locked={locked} fixed={fixed} onDialog={setDialog} />
            ))}
            {hasDrive && <CdromCard vm={vm} locked={locked} fixed={fixed} onDialog={setDialog} />}
          </ul>
        )}
        {disks?.length === 0 && (
          <EmptyState heading="No disks" text="What the guest is to keep, it writes to a disk.">
            <Button label="Attach disk" icon="add" disabled={fixed} onClick={() => setDialog({ type: "attach" })} />
          </EmptyState>
        )}
      </div>
      {dialog && <DiskDialogView vm={vm} dialog={dialog} onClose={() => setDialog(undefined)} />}
    </div>
  );
}
