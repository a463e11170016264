import type { DiskInfo, ExportFormat, ImageInfo, VmId, VmInfo } from "../src/engine/api.ts";
import type { Disk, DiskSource } from "../src/model/profile.ts";
import { type DiskForm, diskOf } from "../src/ui/disk-form.ts";
import { showInfo } from "../src/ui/toasts.ts";
import { changeProfile, runs } from "./hardware.ts";
import { imageFor, importFile } from "./image-actions.ts";
import type { Panel } from "./state.ts";
import { attempt, runLong, save } from "./work.ts";

/** Gives the VM a further disk; an image that is made or imported for it stays in the library. Throws. */
export async function attachDisk(panel: Panel, vm: VmInfo, form: DiskForm, signal: AbortSignal): Promise<void> {
  const image = await imageFor(panel, form, vm.profile.name, signal);
  const live = runs(panel, vm.id);
  const disk = diskOf(form, image);
  if (live) await panel.link.engine().attachDisk(vm.id, disk);
  else await changeProfile(panel, vm.id, (profile) => ({ ...profile, disks: [...profile.disks, disk as Disk] }));
}

/** Its changes are gone then. */
export async function detachDisk(panel: Panel, { vm, disk }: DiskInfo): Promise<void> {
  if (runs(panel, vm)) return void (await panel.link.engine().detachDisk(vm, disk));
  await changeProfile(panel, vm, (profile) => ({
    ...profile,
    disks: profile.disks.filter((other) => other.id !== disk),
  }));
}

export async function changeDisk(
  panel: Panel,
  { vm, disk }: DiskInfo,
  change: Partial<Pick<Disk, "access" | "interface">>,
): Promise<void> {
  await attempt(panel, () =>
    changeProfile(panel, vm, (profile) => ({
      ...profile,
      disks: profile.disks.map((other) => (other.id === disk ? { ...other, ...change } : other)),
    })),
  );
}

/** Puts a CD into the drive, or takes it out (`null`): of a VM that runs, when the guest lets go of it. */
export async function setCdrom(panel: Panel, vm: VmId, source: DiskSource | null): Promise<void> {
  if (!runs(panel, vm)) return changeProfile(panel, vm, (profile) => ({ ...profile, cdrom: source }));
  if (source) await panel.link.engine().insertMedium(vm, source);
  else await panel.link.engine().ejectMedium(vm);
}

export async function removeDrive(panel: Panel, vm: VmId): Promise<void> {
  await changeProfile(panel, vm, ({ cdrom: _, ...profile }) => profile);
}

export async function insertFile(panel: Panel, vm: VmId, file: File, signal: AbortSignal): Promise<void> {
  const { id } = await importFile(panel, file, signal);
  await setCdrom(panel, vm, { from: "image", id });
}

/** Makes an image of the disk as it is now, while the page goes on. */
export async function commitDisk(panel: Panel, { vm, disk }: DiskInfo, name: string, attach: boolean): Promise<void> {
  await attempt(panel, async () => {
    const begin = () => panel.link.engine().commitDisk(vm, disk, { name, attach });
    const image: ImageInfo = await runLong(panel, `Committing ${disk} into ${name}`, begin);
    showInfo(panel.toasts, `${image.name} is in the library.`);
  });
}

const EXTENSIONS: Record<ExportFormat, string> = { overlay: "qwov", raw: "img", qcow2: "qcow2" };

export async function exportDisk(panel: Panel, vm: VmInfo, { disk }: DiskInfo, format: ExportFormat): Promise<void> {
  const name = `${vm.profile.name} ${disk}.${EXTENSIONS[format]}`;
  await save(panel, name, () => panel.link.engine().exportDisk(vm.id, disk, format));
}
