import type { DiskInfo, ImageInfo, VmId, VmInfo } from "../engine/api.ts";
import { formatBytes } from "./format.ts";

/** Images whose name, format or server has every word of the filter, whatever the case. */
export function filterImages(images: readonly ImageInfo[], filter: string): readonly ImageInfo[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return images;
  return images.filter((image) => {
    const text = `${image.name} ${image.format} ${describeSource(image)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Where an image's bytes are, in a word or two: `Stored`, `Blank`, or the server. */
export function describeSource({ source }: ImageInfo): string {
  if (source === "stored") return "Stored";
  if (source === "blank") return "Blank";
  return URL.parse(source.url)?.host ?? source.url;
}

interface User {
  vm: VmId;
  name: string;
  disks: string[];
}

/** The VMs that use an image, each once. */
export function usersOf(image: ImageInfo, vms: readonly VmInfo[]): User[] {
  const users = new Map<VmId, User>();
  for (const { vm, disk } of image.users) {
    const user = users.get(vm) ?? { vm, name: vms.find((other) => other.id === vm)?.profile.name ?? vm, disks: [] };
    user.disks.push(disk);
    users.set(vm, user);
  }
  return [...users.values()];
}

/** Why the image can't be deleted now. */
export function whyKept(image: ImageInfo, vms: readonly VmInfo[]): string | undefined {
  const names = usersOf(image, vms).map((user) => user.name);
  if (names.length === 0) return undefined;
  return `Used by ${new Intl.ListFormat("en").format(names)}: detach it there first.`;
}

/** What a disk's changes take, for a sentence or a cell. */
export function describeChanges({ changes }: DiskInfo): string {
  return changes ? formatBytes(changes.bytes) : "None";
}
