import type { BlockDevice } from "../device.ts";
import { imageBroken } from "../errors.ts";
import { OFFSET, readQcow2Header } from "./header.ts";

/** Bytes of the image up to and with the last cluster that is in use, by its reference counts. */
export async function qcow2End(image: BlockDevice, signal?: AbortSignal): Promise<number> {
  const header = await readQcow2Header(image, signal);
  const cluster = 2 ** header.clusterBits;
  /** Counts in a block: they have 1 to 64 bits. */
  const counts = (cluster * 8) >> header.referenceOrder;
  const bytes = await read(image, header.referenceTableOffset, header.referenceTableClusters * cluster, signal);
  const table = new DataView(bytes.buffer);
  for (let n = table.byteLength / 8 - 1; n >= 0; n--) {
    const offset = Number(table.getBigUint64(n * 8) & OFFSET);
    if (offset === 0) continue;
    const block = await read(image, offset, cluster, signal);
    let last = block.length - 1;
    while (last >= 0 && block[last] === 0) last--;
    // A byte has some counts, or is a part of one.
    if (last >= 0) return (n * counts + Math.ceil(((last + 1) * 8) / 2 ** header.referenceOrder)) * cluster;
  }
  return 0;
}

async function read(image: BlockDevice, offset: number, length: number, signal: AbortSignal | undefined) {
  if (offset + length > image.size) throw imageBroken("qcow2", "a reference count table lies behind its end");
  const bytes = new Uint8Array(length);
  await image.read(offset, bytes, signal);
  return bytes;
}
