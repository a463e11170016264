import type { BlockDevice } from "../device.ts";
import { imageBroken, imageUnsupported } from "../errors.ts";
import { ABSENT, MappedDevice, type Place } from "../mapped.ts";
import { PaddedDevice } from "../padded.ts";
import { OFFSET, type Qcow2Header, readQcow2Header } from "./header.ts";

/** Bits of an L2 entry. */
const COMPRESSED = 1n << 62n;
const ZERO = 1n;

/**
 * What a guest sees of the qcow2 file `image`, read-only, and of `below` where the file has nothing; owns both once it is open. Throws what
 * `readQcow2Header` throws, and `image-unsupported` for extended L2 entries; a read that meets tables or packed clusters without sense
 * `image-broken`.
 */
export async function openQcow2(image: BlockDevice, signal?: AbortSignal, below?: BlockDevice): Promise<BlockDevice> {
  const header = await readQcow2Header(image, signal);
  if (header.extendedL2) {
    throw imageUnsupported("has extended L2 entries", "Export it as qcow2, or convert it: qemu-img convert -O raw.");
  }
  const l1 = new Uint8Array(header.l1Size * 8);
  await image.read(header.l1Offset, l1.subarray(0, Math.max(0, image.size - header.l1Offset)), signal);
  // One that was made larger has zeroes behind what it lies above.
  const backing = below && below.size < header.virtualSize ? new PaddedDevice(below, header.virtualSize) : below;
  return new Qcow2Device(image, header, new DataView(l1.buffer), backing);
}

class Qcow2Device extends MappedDevice {
  protected override readonly format = "qcow2";

  constructor(
    image: BlockDevice,
    readonly header: Qcow2Header,
    readonly l1: DataView,
    below: BlockDevice | undefined,
  ) {
    super(image, header.virtualSize, 2 ** header.clusterBits, below);
  }

  protected override async place(cluster: number): Promise<Place> {
    const entries = this.blockSize / 8;
    const at = Number(this.l1.getBigUint64(Math.floor(cluster / entries) * 8) & OFFSET);
    if (at === 0) return ABSENT;
    this.#check(at, "an L2 table");
    const entry = (await this.table(at, this.blockSize)).getBigUint64((cluster % entries) * 8);
    if (entry & COMPRESSED) return this.#packedPlace(entry);
    if (entry & ZERO) return { kind: "zero" };
    const offset = Number(entry & OFFSET);
    if (offset === 0) return ABSENT;
    this.#check(offset, "a cluster");
    return { kind: "data", offset };
  }

  /** The offset takes the lower bits, behind it how many sectors of 512 bytes follow the first. */
  #packedPlace(entry: bigint): Place {
    const bits = BigInt(62 - (this.header.clusterBits - 8));
    const offset = Number(entry & ((1n << bits) - 1n));
    const sectors = Number((entry & (COMPRESSED - 1n)) >> bits) + 1;
    this.check(offset, "a packed cluster");
    // The last sector may be cut off.
    const length = Math.min(sectors * 512 - (offset % 512), this.file.size - offset);
    return { kind: "packed", as: "deflate", offset, length };
  }

  #check(offset: number, what: string): void {
    if (offset % this.blockSize !== 0) throw imageBroken("qcow2", `${what} is not at the beginning of one`);
    this.check(offset, what);
  }
}
