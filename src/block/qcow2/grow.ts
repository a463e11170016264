import type { BlockDevice } from "../device.ts";
import { imageUnsupported } from "../errors.ts";
import { l1Entries, type Qcow2Header, readQcow2Header } from "./header.ts";

const SIZE_FIELD = 24;
const L1_SIZE_FIELD = 36;

/** Throws `image-unsupported` unless the image can be made larger in place. */
export function checkGrowable(header: Qcow2Header, virtualSize: number): void {
  const convert = "Convert it first: qemu-img convert -O qcow2 IMAGE NEW, then import it.";
  if (header.snapshots > 0) throw imageUnsupported("has snapshots and is to be resized", convert);
  if (header.bitmaps) throw imageUnsupported("has dirty bitmaps and is to be resized", convert);
  // The table has its clusters for itself, so it may grow to their end.
  const cluster = 2 ** header.clusterBits;
  const room = (Math.ceil((header.l1Size * 8) / cluster) * cluster) / 8;
  if (l1Entries(header, virtualSize) > room) {
    throw imageUnsupported("has no room for the tables of a disk of that size", convert);
  }
}

/** Makes the qcow2 image in `image`, which takes writes, `virtualSize` bytes large; durable when this resolves. */
export async function growQcow2(image: BlockDevice, virtualSize: number): Promise<void> {
  const header = await readQcow2Header(image);
  checkGrowable(header, virtualSize);
  const entries = l1Entries(header, virtualSize);
  if (entries > header.l1Size) {
    // What is behind the table was never of use: it may be anything.
    await image.write(header.l1Offset + header.l1Size * 8, new Uint8Array((entries - header.l1Size) * 8));
    await image.flush();
  }
  const fields = new Uint8Array(L1_SIZE_FIELD + 4 - SIZE_FIELD);
  await image.read(SIZE_FIELD, fields);
  const view = new DataView(fields.buffer);
  view.setBigUint64(0, BigInt(virtualSize));
  view.setUint32(L1_SIZE_FIELD - SIZE_FIELD, Math.max(entries, header.l1Size));
  // Both in one sector: after a crash there are the old ones or the new ones.
  await image.write(SIZE_FIELD, fields);
  await image.flush();
}
