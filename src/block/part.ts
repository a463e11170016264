import type { BlockDevice } from "./device.ts";
import { imageBroken } from "./errors.ts";

/** Bytes of an image of the format; throws `image-broken` where it ends before them. */
export async function readPart(
  image: BlockDevice,
  format: string,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (offset + length > image.size) throw imageBroken(format, "it is too short");
  const bytes = new Uint8Array(length);
  await image.read(offset, bytes, signal);
  return bytes;
}
