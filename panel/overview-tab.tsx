import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ImageInfo, StartTimings, VmInfo } from "../src/engine/api.ts";
import type { Disk, DiskSource, FileRef, Profile } from "../src/model/profile.ts";
import { Button } from "../src/ui/button.tsx";
import { ACCESS } from "../src/ui/disk-form.ts";
import { formatDuration, formatMemory, formatMoment } from "../src/ui/format.ts";
import { NIC_NAMES } from "../src/ui/nic-form.ts";
import { VmStateLabel } from "../src/ui/vm-state-label.tsx";
import { joinWords } from "../src/ui/words.ts";
import { usePanel } from "./context.ts";
import type { TabProps } from "./details.tsx";
import { useImages } from "./use-answer.ts";

const MACHINES: Record<Profile["machine"], string> = {
  q35: "q35 (PCI Express)",
  pc: "pc (i440FX)",
  microvm: "microvm (no PCI)",
};

const DISPLAYS: Record<Exclude<Profile["display"], "none">, string> = {
  std: "Standard VGA",
  virtio: "virtio-gpu",
  cirrus: "Cirrus VGA",
};

export function OverviewTab({ vm }: TabProps) {
  const panel = usePanel();
  const { profile, state, reason } = vm;
  const timings = useTimings(vm);
  const { value: images } = useImages();
  return (
    <div class="overview">
      <dl class="facts selectable">
        <Fact name="State">
          <VmStateLabel state={state} />
        </Fact>
        {reason && state === "off" && (
          <Fact name="Last time">
            {reason.message} <span class="subtle">{reason.hint}</span>
          </Fact>
        )}
        {vm.startedAt !== undefined && <Fact name="Running since">{formatMoment(vm.startedAt)}</Fact>}
        {vm.reboots !== undefined && <Fact name="Reboots by the guest">{vm.reboots}</Fact>}
        {timings?.engineLoaded !== undefined && (
          <Fact name="Engine loaded in">{formatDuration(timings.engineLoaded)}</Fact>
        )}
        {timings?.firstSerialByte !== undefined && (
          <Fact name="First output after">{formatDuration(timings.firstSerialByte)}</Fact>
        )}
        <Fact name="Machine">{MACHINES[profile.machine] ?? profile.machine}</Fact>
        <Fact name="Processor">{`${profile.smp} × ${profile.arch}, model ${profile.cpu}`}</Fact>
        <Fact name="Memory">{formatMemory(profile.memory)}</Fact>
        <BootFacts profile={profile} />
        {profile.disks.map((disk, index) => (
          <Fact key={index} name={`Disk ${index + 1}`}>
            {describeDisk(disk, images)}
          </Fact>
        ))}
        {profile.cdrom !== undefined && (
          <Fact name="CD-ROM">{profile.cdrom ? describeSource(profile.cdrom, images) : "Empty"}</Fact>
        )}
        {profile.nics.map((nic, index) => (
          <Fact key={nic.id} name={`Network adapter ${index + 1}`}>
            {NIC_NAMES[nic.model]}, <code class="mono">{nic.mac}</code>, cable unplugged
          </Fact>
        ))}
        <Fact name="Serial ports">
          {profile.serials.map((port) => `${port.id} (${port.kind})`).join(", ") || "None"}
        </Fact>
        <Fact name="Display">{describeDisplay(profile)}</Fact>
        {profile.display !== "none" && (
          <Fact name="Sound card">{profile.sound === "hda" ? "Intel HD Audio" : "None"}</Fact>
        )}
        <Fact name="Random numbers">{profile.rng ? "From the browser (virtio-rng)" : "None"}</Fact>
        <Fact name="Guest agent">{describeAgent(vm)}</Fact>
        {profile.extraArgs.length > 0 && (
          <Fact name="Extra arguments">
            <code class="mono">{joinWords(profile.extraArgs)}</code>
          </Fact>
        )}
      </dl>
      <Button
        kind="danger"
        icon="delete"
        label="Delete VM"
        disabled={vm.disabled.delete}
        onClick={() => panel.state.dispatch({ dialog: { type: "delete", id: vm.id } })}
      />
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function BootFacts({ profile }: { profile: Profile }) {
  const { boot } = profile;
  if (!boot)
    return <Fact name="Boots from">{profile.cdrom ? "CD-ROM or disk, by firmware" : "Disk, by firmware"}</Fact>;
  return (
    <>
      <Fact name="Kernel">{describeFile(boot.kernel)}</Fact>
      {boot.initrd && <Fact name="Initrd">{describeFile(boot.initrd)}</Fact>}
      <Fact name="Kernel command line">
        <code class="mono">{boot.append}</code>
      </Fact>
    </>
  );
}

function describeAgent({ profile, agent }: VmInfo): string {
  if (!profile.agent) return "None";
  if (agent === undefined) return "A port for it";
  return agent ? "Connected" : "Not connected";
}

function describeFile(file: FileRef): string {
  return file.from === "guest" ? `Built in: ${file.name}` : file.name;
}

function describeSource(source: DiskSource, images: readonly ImageInfo[] | undefined): string {
  if (source.from !== "image") return describeFile(source);
  return images?.find((image) => image.id === source.id)?.name ?? "Image of the library";
}

function describeDisk(disk: Disk, images: readonly ImageInfo[] | undefined): string {
  const access = ACCESS[disk.access].toLowerCase();
  return `${describeSource(disk.file, images)}, ${disk.format}, ${disk.interface}, ${access}`;
}

function describeDisplay({ display, pointer }: Profile): string {
  return display === "none" ? "None" : `${DISPLAYS[display]}, ${pointer}`;
}

function useTimings(vm: VmInfo): StartTimings | undefined {
  const panel = usePanel();
  const [timings, setTimings] = useState<StartTimings>();
  useEffect(() => {
    let current = true;
    setTimings(undefined);
    const ask = async () => panel.link.engine().timings(vm.id);
    ask().then(
      (answer) => current && setTimings(answer),
      () => undefined, // a detail: the link's own state says that the engine is gone
    );
    return () => {
      current = false;
    };
  }, [vm.id, vm.state]);
  return timings;
}
