import { inflateSync, unzlibSync } from "fflate";
import { CheckedDevice } from "./checked-device.ts";
import type { BlockDevice } from "./device.ts";
import { imageBroken } from "./errors.ts";
import { settleAll } from "./settle.ts";

/** Tables kept: of qcow2 with clusters of 64 KiB, each is 512 MiB of the disk. */
const TABLES = 16;

/** Bytes of a long table that are read at once. */
const PART = 64 << 10;

/** Where a cluster's bytes are: nowhere in the file, all zeroes, in it as they are, or packed (`deflate`: without zlib's frame). */
export type Place =
  | { kind: "absent" }
  | { kind: "zero" }
  | { kind: "data"; offset: number }
  | { kind: "packed"; as: "deflate" | "zlib"; offset: number; length: number };

export const ABSENT: Place = { kind: "absent" };

/** What a guest sees of a file that has its disk in clusters, by tables of its own. Read-only; owns `file` and what is `below`. */
export abstract class MappedDevice extends CheckedDevice {
  /** Least recently used first, by their place. */
  readonly #tables = new Map<number, Promise<DataView>>();

  /** `blockSize`: bytes of a cluster. `below`, as long as the disk, has what is absent; without it that is zeroes. */
  constructor(
    readonly file: BlockDevice,
    readonly size: number,
    readonly blockSize: number,
    readonly below?: BlockDevice,
  ) {
    super();
  }

  /** The name of the format. */
  protected abstract readonly format: string;
  protected abstract place(cluster: number): Promise<Place>;

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
    await settleAll([this.file.close(), this.below?.close() ?? Promise.resolve()]);
  }

  /** Of one cluster. */
  async #readPart(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const within = offset % this.blockSize;
    const place = await this.place(Math.floor(offset / this.blockSize));
    if (place.kind === "data") await this.#readFile(place.offset + within, into, signal);
    else if (place.kind === "packed") {
      const bytes = await this.#unpacked(place, signal);
      if (bytes.length < within + into.length) throw imageBroken(this.format, "a packed cluster is too short");
      into.set(bytes.subarray(within, within + into.length));
    } else if (place.kind === "absent" && this.below) await this.below.read(offset, into, signal);
    else into.fill(0);
  }

  async #unpacked({ as, offset, length }: Place & { kind: "packed" }, signal: AbortSignal): Promise<Uint8Array> {
    const packed = new Uint8Array(length);
    await this.file.read(offset, packed, signal);
    const unpack = as === "zlib" ? unzlibSync : inflateSync;
    try {
      return unpack(packed, { out: new Uint8Array(this.blockSize) });
    } catch {
      throw imageBroken(this.format, "a packed cluster can't be unpacked");
    }
  }

  /** `length` bytes of the file, which are kept for a while. */
  protected table(offset: number, length: number): Promise<DataView> {
    const kept = this.#tables.get(offset);
    const table = kept ?? this.#readTable(offset, length);
    this.#tables.delete(offset);
    this.#tables.set(offset, table);
    table.catch(() => this.#tables.delete(offset));
    for (const oldest of this.#tables.keys()) {
      if (this.#tables.size <= TABLES) break;
      this.#tables.delete(oldest);
    }
    return table;
  }

  /** What begins `at` bytes after the beginning of a table that may be too long for memory; entries don't cross its parts. */
  protected async entry(table: number, at: number): Promise<DataView> {
    const within = at % PART;
    return new DataView((await this.table(table + at - within, PART)).buffer, within);
  }

  async #readTable(offset: number, length: number): Promise<DataView> {
    this.check(offset, "a table");
    const bytes = new Uint8Array(length);
    // For all who wait for it: it goes on when one of them leaves.
    await this.#readFile(offset, bytes, this.closing);
    return new DataView(bytes.buffer);
  }

  protected check(offset: number, what: string): void {
    if (offset >= this.file.size) throw imageBroken(this.format, `${what} lies behind its end`);
  }

  /** The file may end within a cluster. */
  async #readFile(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const inside = Math.max(0, Math.min(into.length, this.file.size - offset));
    into.fill(0, inside);
    if (inside > 0) await this.file.read(offset, into.subarray(0, inside), signal);
  }
}
