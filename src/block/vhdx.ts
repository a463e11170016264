/** A VHDX image, as far as it takes to tell its size: MS-VHDX, sections 2.2.3 and 2.6. QEMU reads it: block/vhdx.c. */
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";
import { hex } from "./identity.ts";

const REGION_TABLE = 192 << 10;
const TABLE = 64 << 10;

/** GUIDs as they lie in the file. */
const METADATA = "06a27c8b90479a4bb8fe575f050f886e";
const VIRTUAL_SIZE = "2442a52f1bcd7648b2115dbed83bf4b8";
const FILE_PARAMETERS = "3767a1ca36fa434db3b633f0aa44e76b";

export function isVhdx(head: Uint8Array): boolean {
  return text(head, 0, 8) === "vhdxfile";
}

export async function vhdxSize(image: BlockDevice, signal?: AbortSignal): Promise<number> {
  const regions = await read(image, REGION_TABLE, TABLE, signal);
  if (text(regions, 0, 4) !== "regi") throw broken();
  const region = entries(regions, 16, new DataView(regions.buffer).getUint32(8, true)).find(
    ({ id }) => id === METADATA,
  );
  if (!region) throw broken();
  const start = Number(region.view.getBigUint64(16, true));
  const metadata = await read(image, start, TABLE, signal);
  if (text(metadata, 0, 8) !== "metadata") throw broken();
  const items = entries(metadata, 32, new DataView(metadata.buffer).getUint16(10, true));
  const item = async (wanted: string): Promise<DataView> => {
    const found = items.find(({ id }) => id === wanted);
    if (!found) throw broken();
    return new DataView((await read(image, start + found.view.getUint32(16, true), 8, signal)).buffer);
  };
  if ((await item(FILE_PARAMETERS)).getUint32(4, true) & 2) {
    throw imageUnsupported("is a VHDX with a parent image", "Make one file of it: Hyper-V's Merge-VHD.");
  }
  const size = Number((await item(VIRTUAL_SIZE)).getBigUint64(0, true));
  if (!Number.isSafeInteger(size)) throw broken();
  return size;
}

/** Entries of 32 bytes that begin with a GUID; `count` may lie. */
function entries(table: Uint8Array<ArrayBuffer>, from: number, count: number): { id: string; view: DataView }[] {
  const most = Math.min(count, Math.floor((table.length - from) / 32));
  return Array.from({ length: most }, (_, n) => {
    const entry = table.subarray(from + n * 32, from + (n + 1) * 32);
    return { id: hex(entry.subarray(0, 16)), view: new DataView(table.buffer, entry.byteOffset, 32) };
  });
}

async function read(image: BlockDevice, offset: number, length: number, signal?: AbortSignal) {
  if (offset + length > image.size) throw imageBroken("VHDX", "it is too short");
  const bytes = new Uint8Array(length);
  await image.read(offset, bytes, signal);
  return bytes;
}

function broken() {
  return imageBroken("VHDX", "its tables make no sense");
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return new TextDecoder("latin1").decode(bytes.subarray(at, at + length));
}
