import type { ComponentChildren } from "preact";
import type { DiskInfo, VmInfo } from "../../src/engine/api.ts";
import type { Disk } from "../../src/model/profile.ts";
import { Button } from "../../src/ui/button.tsx";
import { ACCESS, INTERFACES, interfaceChoices } from "../../src/ui/disk-form.ts";
import { oneOf } from "../../src/ui/fields.tsx";
import { formatBytes, formatMoment, formatShortMoment } from "../../src/ui/format.ts";
import { Icon } from "../../src/ui/icon.tsx";
import { isAlive } from "../../src/ui/vm-state.ts";
import { usePanel } from "../context.ts";
import { changeDisk, detachDisk } from "../disk-actions.ts";
import { attempt } from "../work.ts";
import type { DiskDialog } from "./dialog.ts";

const NO_CHANGES = "Nothing was ever written to this disk.";

export interface DiskCardProps {
  vm: VmInfo;
  disk: DiskInfo;
  /** Why what is on it, and how the guest has it, can't be changed now; and why no disk can be taken out. */
  locked: string | undefined;
  fixed: string | undefined;
  onDialog: (dialog: DiskDialog) => void;
}

export function DiskCard({ vm, disk, locked, fixed, onDialog }: DiskCardProps) {
  const panel = usePanel();
  const { changes, problem } = disk;
  const isUsers = vm.profile.disks.find((other) => other.id === disk.disk)?.file.from !== "image";
  const unchanged = changes ? undefined : NO_CHANGES;
  const open = (type: Extract<DiskDialog, { disk: DiskInfo }>["type"]) => () => onDialog({ type, disk });
  const detach = () =>
    changes || isUsers || isAlive(vm.state) ? open("detach")() : void attempt(panel, () => detachDisk(panel, disk));
  return (
    <li class="disk-card" data-disk={disk.disk} aria-label={disk.disk}>
      <h3 class="disk-title">
        <Icon name="disk" />
        <span class="disk-id">{disk.disk}</span>
        <span class="disk-name" title={disk.name}>
          {disk.name}
        </span>
        {isUsers && <span class="subtle">stored with this VM</span>}
      </h3>
      {problem && (
        <p class="disk-problem tone-error" role="alert">
          {problem}
        </p>
      )}
      <dl class="disk-facts selectable">
        <Fact name="Size">{disk.virtualSize === undefined ? "Unknown" : formatBytes(disk.virtualSize)}</Fact>
        <Fact name="Changes">
          {changes ? (
            <>
              {formatBytes(changes.bytes)}{" "}
              <span class="subtle" title={formatMoment(changes.written)}>
                {`written ${formatShortMoment(changes.written)}`}
              </span>
            </>
          ) : (
            "None"
          )}
        </Fact>
        <Fact name="Format">{disk.format}</Fact>
        <Fact name="Interface">
          <Choice
            label={`Interface of ${disk.disk}`}
            choices={interfaceChoices(vm.profile.machine)}
            all={INTERFACES}
            value={disk.interface}
            locked={locked}
            onChange={(value) => void changeDisk(panel, disk, { interface: value })}
          />
        </Fact>
        <Fact name="Access">
          <Choice
            label={`Access of ${disk.disk}`}
            choices={ACCESS}
            all={ACCESS}
            value={disk.access}
            locked={locked}
            onChange={(access) => void changeDisk(panel, disk, { access })}
          />
        </Fact>
      </dl>
      <div class="disk-tools">
        <Button kind="tool" icon="export" label="Export" disabled={locked} onClick={open("export")} />
        <Button
          kind="tool"
          icon="import"
          label="Import changes"
          title="Replace its changes by those of an overlay file"
          disabled={locked}
          onClick={open("import")}
        >
          Import
        </Button>
        <Button
          kind="tool"
          icon="commit"
          label="Commit"
          title="Make an image of the disk as it is now"
          disabled={locked}
          onClick={open("commit")}
        />
        <Button
          kind="tool"
          icon="discard"
          label="Discard changes"
          title="Begin anew as its image is"
          disabled={locked ?? unchanged}
          onClick={open("discard")}
        >
          Discard
        </Button>
        <Button kind="tool" icon="resize" label="Resize" disabled={locked ?? whySmall(disk)} onClick={open("resize")} />
        <Button kind="tool" icon="close" label="Detach" disabled={fixed ?? whyHeld(vm, disk)} onClick={detach} />
      </div>
    </li>
  );
}

function whySmall({ access, virtualSize }: DiskInfo): string | undefined {
  if (virtualSize === undefined) return "Its size is unknown while its image can't be had.";
  return access === "persistent" ? undefined : "Only a disk whose changes are kept can grow.";
}

/** Why a disk of a VM that runs can't be taken out now. */
function whyHeld({ state }: VmInfo, { hotPlugged }: DiskInfo): string | undefined {
  if (!isAlive(state)) return undefined;
  if (!hotPlugged) return "Shut the VM down first: it started with this disk.";
  return state === "paused" ? "Resume the VM first: its guest has to let go of the disk." : undefined;
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class={`disk-fact disk-fact-${name.toLowerCase()}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface ChoiceProps<K extends Disk["access"] | Disk["interface"]> {
  label: string;
  choices: Partial<Record<K, string>>;
  all: Record<K, string>;
  value: K;
  locked: string | undefined;
  onChange: (value: K) => void;
}

/** A choice that applies at once; only words while it can't be changed. */
function Choice<K extends Disk["access"] | Disk["interface"]>(props: ChoiceProps<K>) {
  const { label, choices, all, value, locked, onChange } = props;
  if (locked) return <span title={locked}>{all[value]}</span>;
  return (
    <select
      class="input"
      aria-label={label}
      title={all[value]}
      value={value}
      onChange={(event) => onChange(oneOf<K>(choices, event.currentTarget.value, value))}
    >
      {Object.entries<string | undefined>(choices).map(([choice, text]) => (
        <option key={choice} value={choice}>
          {text}
        </option>
      ))}
    </select>
  );
}
