import type { FileChunk } from "../../model/image.ts";
import { dataPieces } from "../data-pieces.ts";
import type { BlockDevice } from "../device.ts";
import { isZero } from "../zero.ts";
import { CLUSTER, type ClusterRun, layOut, metadata, type Qcow2Layout } from "./layout.ts";

/** A qcow2 image of what `device` holds, in clusters that aren't zeroes. Reads it once to find them, once as it is written. */
export async function planQcow2(device: BlockDevice, signal?: AbortSignal): Promise<Qcow2Layout> {
  const runs: ClusterRun[] = [];
  for await (const { offset, bytes } of dataPieces(device, signal)) {
    for (let at = 0; at < bytes.length; at += CLUSTER) {
      if (isZero(bytes.subarray(at, at + CLUSTER))) continue;
      const index = (offset + at) / CLUSTER;
      const last = runs.at(-1);
      if (last && last.first + last.count === index) last.count++;
      else runs.push({ first: index, count: 1 });
    }
  }
  return layOut(device.size, runs);
}

/** The image as pieces of a file without holes; `device` must be as it was when it was planned. */
export async function* writeQcow2(
  device: BlockDevice,
  layout: Qcow2Layout,
  signal?: AbortSignal,
): AsyncGenerator<FileChunk> {
  let position = 0;
  for (const data of metadata(layout)) {
    yield { type: "write", position, data };
    position += CLUSTER;
  }
  for (const { first, count } of layout.runs) {
    for (let index = first; index < first + count; index += PIECE) {
      const clusters = Math.min(PIECE, first + count - index);
      const data = new Uint8Array(clusters * CLUSTER);
      // The disk's last cluster may be short.
      await device.read(index * CLUSTER, data.subarray(0, device.size - index * CLUSTER), signal);
      yield { type: "write", position, data };
      position += clusters * CLUSTER;
    }
  }
  yield { type: "truncate", size: position };
}

/** Clusters read at once. */
const PIECE = 16;
