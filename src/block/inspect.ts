import type { DiskFormat } from "../model/profile.ts";
import type { BlockDevice } from "./device.ts";
import { imageBroken, imageUnsupported } from "./errors.ts";
import { MAX_DISK } from "./overlay.ts";
import { qcow2End } from "./qcow2/end.ts";
import { QCOW2_MAGIC, readQcow2Header } from "./qcow2/header.ts";
import { isVdi, vdiSize } from "./vdi.ts";
import { isVhdx, vhdxSize } from "./vhdx.ts";
import { isVmdk, vmdkSize } from "./vmdk.ts";
import { readVpcFooter, vpcSize } from "./vpc.ts";

/** What an image is, by its contents. */
export interface ImageFacts {
  format: DiskFormat;
  /** What a guest sees, bytes. */
  virtualSize: number;
}

/** How packed files begin, and what unpacks them. */
const PACKED: [name: string, magic: number[], command: string][] = [
  ["gzip", [0x1f, 0x8b, 0x08], "gunzip"],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "unxz"],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd], "unzstd"],
  ["bzip2", [0x42, 0x5a, 0x68, 0x39], "bunzip2"],
  ["zip", [0x50, 0x4b, 0x03, 0x04], "unzip"],
  ["7-Zip", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "7z x"],
];

/** Bytes from an image's beginning that tell its format. */
const HEAD = 512;

/**
 * Looks at an image as far as its format tells what it is; anything without a magic is raw. Throws `image-broken` when it
 * makes no sense, `image-unsupported` when it is only a part of a disk, or nothing that QemuWeb's QEMU reads.
 */
export async function inspectImage(image: BlockDevice, signal?: AbortSignal): Promise<ImageFacts> {
  const head = new Uint8Array(HEAD);
  await image.read(0, head.subarray(0, image.size), signal);
  const facts = await inspectHead(image, head, signal);
  if (facts.virtualSize === 0) throw imageBroken(facts.format, "it has no bytes");
  if (facts.virtualSize > MAX_DISK) throw imageUnsupported("is larger than 8 TiB", "Use a smaller image.");
  return facts;
}

async function inspectHead(image: BlockDevice, head: Uint8Array, signal?: AbortSignal): Promise<ImageFacts> {
  const view = new DataView(head.buffer);
  if (view.getUint32(0) === QCOW2_MAGIC) {
    const { virtualSize, clusterBits } = await readQcow2Header(image, signal);
    // Its last cluster needn't be whole.
    if ((await qcow2End(image, signal)) > image.size + 2 ** clusterBits)
      throw imageBroken("qcow2", "its end is missing");
    return { format: "qcow2", virtualSize };
  }
  if (isVmdk(head)) return { format: "vmdk", virtualSize: await vmdkSize(image, head, signal) };
  if (isVdi(view)) return { format: "vdi", virtualSize: await vdiSize(image, signal) };
  if (isVhdx(head)) return { format: "vhdx", virtualSize: await vhdxSize(image, signal) };
  const footer = await readVpcFooter(image, head, signal);
  if (footer) return { format: "vpc", virtualSize: await vpcSize(image, footer, signal) };
  for (const [name, magic, command] of PACKED) {
    if (magic.every((byte, at) => head[at] === byte)) {
      throw imageUnsupported(`is packed with ${name}`, `Unpack it first: ${command} FILE.`);
    }
  }
  return { format: "raw", virtualSize: image.size };
}
