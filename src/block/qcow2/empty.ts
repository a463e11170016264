import type { BlockDevice } from "../device.ts";
import { MemoryDevice } from "../memory.ts";
import { ReadonlyDevice } from "../readonly.ts";
import { layOut, metadata } from "./layout.ts";

/**
 * A qcow2 image with nothing in it, of a guest's disk of so many bytes. Overlays lie over it (docs/formats/overlay.md): it may never be
 * another.
 */
export function emptyQcow2(virtualSize: number): BlockDevice {
  const layout = layOut(virtualSize, []);
  const bytes = new Uint8Array(layout.size);
  let position = 0;
  for (const piece of metadata(layout)) {
    bytes.set(piece, position);
    position += piece.length;
  }
  return new ReadonlyDevice(new MemoryDevice(bytes));
}
