/** VMware's and VirtualBox's images, as far as it takes to tell what they are; QEMU reads them: block/vmdk.c, block/vdi.c. */
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";

const SECTOR = 512;

/** Bytes of a VMDK's descriptor that QEMU reads at most. */
const MOST_DESCRIPTOR = 1 << 20;

const latin1 = new TextDecoder("latin1");

/** The file with its own descriptor (`KDMV`), ESX's sparse extent (`COWD`), or the descriptor alone. */
export function isVmdk(head: Uint8Array): boolean {
  return /^(KDMV|COWD|# Disk Descriptor)/.test(latin1.decode(head));
}

export async function vmdkSize(image: BlockDevice, head: Uint8Array, signal?: AbortSignal): Promise<number> {
  const join = "Make one file of it: qemu-img convert -O qcow2 IMAGE NEW.";
  if (!latin1.decode(head).startsWith("KDMV")) {
    throw imageUnsupported("is a VMDK whose data lie in other files", join);
  }
  const view = new DataView(head.buffer, head.byteOffset);
  const capacity = sectors(view, 12);
  const [offset, length] = [sectors(view, 28), sectors(view, 36)];
  if (length > MOST_DESCRIPTOR || offset + length > image.size) {
    throw imageBroken("VMDK", "its descriptor lies behind its end");
  }
  const bytes = new Uint8Array(length);
  await image.read(offset, bytes, signal);
  const descriptor = latin1.decode(bytes);
  const parent = /^parentCID\s*=\s*([0-9a-f]+)/im.exec(descriptor)?.[1] ?? "ffffffff";
  if (!/^f{8}$/i.test(parent)) throw imageUnsupported("is a VMDK with a parent image", join);
  const extents = descriptor.match(/^(RW|RDONLY|NOACCESS)\s+\d+\s+\w+/gm) ?? [];
  if (extents.length > 1) throw imageUnsupported("is a VMDK whose data lie in other files", join);
  return capacity;
}

/** A number of sectors, as bytes. */
function sectors(view: DataView, at: number): number {
  const bytes = Number(view.getBigUint64(at, true)) * SECTOR;
  if (!Number.isSafeInteger(bytes)) throw imageBroken("VMDK", "its header makes no sense");
  return bytes;
}

export function isVdi(view: DataView): boolean {
  return view.getUint32(0x40, true) === 0xbeda107f;
}

export function vdiSize(view: DataView): number {
  const version = view.getUint32(0x44, true);
  if (version !== 0x10001)
    throw imageUnsupported("is a VDI of another version than 1.1", "Convert it with VBoxManage.");
  const type = view.getUint32(0x4c, true);
  if (type === 3 || type === 4) {
    throw imageUnsupported("is a VDI with a parent image", "Make one file of it: VBoxManage clonemedium.");
  }
  const size = Number(view.getBigUint64(0x170, true));
  if ((type !== 1 && type !== 2) || view.getUint32(0x178, true) !== 1 << 20 || !Number.isSafeInteger(size)) {
    throw imageBroken("VDI", "its header makes no sense");
  }
  return size;
}
