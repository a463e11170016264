import type { Disk, Profile } from "../../model/profile.ts";
import { options, type Plan, refuseProfile } from "./plan.ts";

/** `-kernel` boots by an option ROM of boot index 0, so devices count from 1: the CD-ROM, then the disks. */
const FIRST_BOOT_INDEX = 1;

/** Disks in the profile's order; the CD-ROM, put in on purpose, is tried first. */
export function disks(profile: Profile, plan: Plan): string[] {
  const words = profile.disks.flatMap((disk, n) => oneDisk(disk, FIRST_BOOT_INDEX + 1 + n, plan));
  const scsi = profile.disks.some((disk) => disk.interface === "scsi")
    ? plan.virtio("virtio-scsi", { id: "scsi0" })
    : [];
  return [...scsi, ...words, ...cdrom(profile, plan)];
}

export const CDROM_ID = "cdrom0";
/** The drive that it lies in. */
export const CDROM_DEVICE = "cdrom0-drive";

function oneDisk(disk: Disk, bootindex: number, plan: Plan): string[] {
  const { id, file, format } = disk;
  const persistent = disk.access !== "readonly";
  const drive = options("", {
    ...plan.drive({ id, ref: file, format, persistent }),
    ...(persistent ? { discard: "unmap" } : { readonly: "on" }),
  });
  return ["-drive", drive, ...diskDevice(disk, { drive: id, bootindex }, plan)];
}

function diskDevice(disk: Disk, properties: { drive: string; bootindex: number }, plan: Plan): string[] {
  switch (disk.interface) {
    case "virtio":
      return plan.virtio("virtio-blk", properties);
    case "scsi":
      return plan.device("scsi-hd", properties);
    case "ide":
      needPci(plan, "an IDE disk", "Make the disk virtio");
      if (disk.access === "readonly") {
        refuseProfile("An IDE disk cannot be read-only.", "Make the disk virtio, or let it forget its changes.");
      }
      return plan.ide("ide-hd", properties);
    case "nvme":
      needPci(plan, "an NVMe disk", "Make the disk virtio");
      return plan.device("nvme", { ...properties, serial: properties.drive });
  }
}

function cdrom(profile: Profile, plan: Plan): string[] {
  if (profile.cdrom === undefined) return [];
  needPci(plan, "a CD-ROM", "Attach the image as a read-only virtio disk");
  const place = { bootindex: FIRST_BOOT_INDEX };
  if (profile.cdrom === null) return plan.ide("ide-cd", { id: CDROM_DEVICE, rerror: "stop", ...place });
  const drive = {
    ...plan.drive({ id: CDROM_ID, ref: profile.cdrom, format: "raw", persistent: false }),
    media: "cdrom",
    readonly: "on",
  };
  return ["-drive", options("", drive), ...plan.ide("ide-cd", { id: CDROM_DEVICE, drive: CDROM_ID, ...place })];
}

function needPci(plan: Plan, what: string, instead: string): void {
  if (!plan.pci) refuseProfile(`The machine microvm has no bus for ${what}.`, `${instead}, or choose q35 or pc.`);
}
