import { inflateSync } from "fflate";
import { CheckedDevice } from "../checked-device.ts";
import type { BlockDevice } from "../device.ts";
import { imageBroken, imageUnsupported } from "../errors.ts";
import { settleAll } from "../settle.ts";
import { OFFSET, type Qcow2Header, readQcow2Header } from "./header.ts";

/** Bits of an L2 entry. */
const COMPRESSED = 1n << 62n;
const ZERO = 1n;

/** L2 tables kept: of clusters of 64 KiB, each is 512 MiB of the disk. */
const TABLES = 16;

/** Where a cluster's bytes are. */
type Place = { kind: "zero" } | { kind: "data"; offset: number } | { kind: "packed"; offset: number; length: number };

/**
 * What a guest sees of the qcow2 file `image`, read-only; owns it. Throws what `readQcow2Header` throws, and
 * `image-unsupported` for extended L2 entries; a read that meets tables or packed clusters without sense `image-broken`.
 */
export async function openQcow2(image: BlockDevice, signal?: AbortSignal): Promise<BlockDevice> {
  const header = await readQcow2Header(image, signal);
  if (header.extendedL2) {
    throw imageUnsupported("has extended L2 entries", "Export it as qcow2, or convert it: qemu-img convert -O raw.");
  }
  const l1 = new Uint8Array(header.l1Size * 8);
  await image.read(header.l1Offset, l1.subarray(0, Math.max(0, image.size - header.l1Offset)), signal);
  return new Qcow2Device(image, header, new DataView(l1.buffer));
}

class Qcow2Device extends CheckedDevice {
  readonly blockSize: number;
  /** Least recently used first, by their place. */
  readonly #tables = new Map<number, Promise<DataView>>();

  constructor(
    readonly image: BlockDevice,
    readonly header: Qcow2Header,
    readonly l1: DataView,
  ) {
    super();
    this.blockSize = 2 ** header.clusterBits;
  }

  get size(): number {
    return this.header.virtualSize;
  }

  protected override async readRange(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const cluster = this.blockSize;
    const parts: Promise<void>[] = [];
    for (let at = offset; at < offset + into.length; ) {
      const end = Math.min((Math.floor(at / cluster) + 1) * cluster, offset + into.length);
      parts.push(this.#readPart(at, into.subarray(at - offset, end - offset), signal));
      at = end;
    }
    await settleAll(parts);
    signal.throwIfAborted();
  }

  protected override async release(): Promise<void> {
    this.#tables.clear();
    await this.image.close();
  }

  /** Of one cluster. */
  async #readPart(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const within = offset % this.blockSize;
    const place = await this.#place(Math.floor(offset / this.blockSize));
    if (place.kind === "zero") into.fill(0);
    else if (place.kind === "data") await this.#readFile(place.offset + within, into, signal);
    else {
      const bytes = await this.#unpacked(place.offset, place.length, signal);
      into.set(bytes.subarray(within, within + into.length));
    }
  }

  async #place(cluster: number): Promise<Place> {
    const entries = this.blockSize / 8;
    const at = Number(this.l1.getBigUint64(Math.floor(cluster / entries) * 8) & OFFSET);
    if (at === 0) return { kind: "zero" };
    const entry = (await this.#table(at)).getBigUint64((cluster % entries) * 8);
    if (entry & COMPRESSED) return this.#packedPlace(entry);
    const offset = Number(entry & OFFSET);
    if (offset === 0 || entry & ZERO) return { kind: "zero" };
    this.#check(offset, "a cluster");
    return { kind: "data", offset };
  }

  /** The offset takes the lower bits, behind it how many sectors of 512 bytes follow the first. */
  #packedPlace(entry: bigint): Place {
    const bits = BigInt(62 - (this.header.clusterBits - 8));
    const offset = Number(entry & ((1n << bits) - 1n));
    const sectors = Number((entry & (COMPRESSED - 1n)) >> bits) + 1;
    if (offset >= this.image.size) throw imageBroken("qcow2", "a packed cluster lies behind its end");
    // The last sector may be cut off.
    return { kind: "packed", offset, length: Math.min(sectors * 512 - (offset % 512), this.image.size - offset) };
  }

  async #unpacked(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const packed = new Uint8Array(length);
    await this.image.read(offset, packed, signal);
    let bytes: Uint8Array;
    try {
      bytes = inflateSync(packed, { out: new Uint8Array(this.blockSize) });
    } catch {
      throw imageBroken("qcow2", "a packed cluster can't be unpacked");
    }
    if (bytes.length !== this.blockSize) throw imageBroken("qcow2", "a packed cluster is too short");
    return bytes;
  }

  #table(offset: number): Promise<DataView> {
    const kept = this.#tables.get(offset);
    const table = kept ?? this.#readTable(offset);
    this.#tables.delete(offset);
    this.#tables.set(offset, table);
    table.catch(() => this.#tables.delete(offset));
    for (const oldest of this.#tables.keys()) {
      if (this.#tables.size <= TABLES) break;
      this.#tables.delete(oldest);
    }
    return table;
  }

  async #readTable(offset: number): Promise<DataView> {
    this.#check(offset, "an L2 table");
    const bytes = new Uint8Array(this.blockSize);
    // For all who wait for it: it goes on when one of them leaves.
    await this.#readFile(offset, bytes, this.closing);
    return new DataView(bytes.buffer);
  }

  #check(offset: number, what: string): void {
    if (offset % this.blockSize !== 0) throw imageBroken("qcow2", `${what} is not at the beginning of one`);
    if (offset >= this.image.size) throw imageBroken("qcow2", `${what} lies behind its end`);
  }

  /** The file may end within a cluster. */
  async #readFile(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const inside = Math.max(0, Math.min(into.length, this.image.size - offset));
    into.fill(0, inside);
    if (inside > 0) await this.image.read(offset, into.subarray(0, inside), signal);
  }
}
