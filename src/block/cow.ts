import { CheckedDevice } from "./checked-device.ts";
import type { BlockDevice } from "./device.ts";
import { BLOCK, blockLength, type Overlay } from "./overlay.ts";
import { RangeLock } from "./range-lock.ts";
import { settleAll } from "./settle.ts";
import { isZero } from "./zero.ts";

/** Copy on write: reads `base` where `overlay` holds nothing, writes to the overlay alone. Owns both. */
export class CowDevice extends CheckedDevice {
  override readonly readonly = false;
  readonly blockSize = BLOCK;
  /** By block: two parts of one block can't be merged into it at once. */
  readonly #lock = new RangeLock();

  constructor(
    readonly base: BlockDevice,
    readonly overlay: Overlay,
  ) {
    super();
  }

  get size(): number {
    return this.base.size;
  }

  override isHole(offset: number, length: number): boolean {
    // No `partsOf`: an export asks for all of a disk, which may have millions of blocks.
    const end = offset + length;
    for (let start = offset, next: number; start < end; start = next) {
      const index = Math.floor(start / BLOCK);
      next = Math.min(end, (index + 1) * BLOCK);
      const kind = this.overlay.kind(index);
      if (kind === "data" || (kind === "base" && !this.base.isHole(start, next - start))) return false;
    }
    return true;
  }

  protected override readRange(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const parts = partsOf(offset, into.length);
    return this.#lock.shared(parts.first, parts.end, async () => {
      const reads: Promise<void>[] = [];
      // What the base has to give comes in runs as long as can be.
      let run: number | undefined;
      const endRun = (at: number) => {
        if (run !== undefined) reads.push(this.base.read(run, into.subarray(run - offset, at - offset), signal));
        run = undefined;
      };
      for (const { index, start, end } of parts) {
        const kind = this.overlay.kind(index);
        if (kind === "base") {
          run ??= start;
          continue;
        }
        endRun(start);
        const part = into.subarray(start - offset, end - offset);
        if (kind === "zero") part.fill(0);
        else reads.push(this.overlay.read(index).then((block) => part.set(within(block, index, start, end))));
      }
      endRun(offset + into.length);
      await settleAll(reads);
    });
  }

  protected override writeRange(offset: number, from: Uint8Array): Promise<void> {
    const parts = partsOf(offset, from.length);
    return this.#lock.exclusive(parts.first, parts.end, async () => {
      for (const { index, start, end } of parts) {
        const bytes = from.subarray(start - offset, end - offset);
        await this.#put(
          index,
          this.#isWhole(index, start, end) ? bytes.slice() : await this.#merged(index, start, bytes),
        );
      }
    });
  }

  protected override discardRange(offset: number, length: number): Promise<void> {
    const parts = partsOf(offset, length);
    return this.#lock.exclusive(parts.first, parts.end, async () => {
      let [first, count] = [parts.first, 0];
      for (const { index, start, end } of parts) {
        if (!this.#isWhole(index, start, end)) {
          await this.#put(index, await this.#merged(index, start, new Uint8Array(end - start)));
        } else if (count++ === 0) first = index;
      }
      if (count > 0) await this.overlay.clear(first, count);
    });
  }

  protected override async sync(): Promise<void> {
    await this.#lock.settled();
    await this.overlay.flush();
  }

  /** Keeps what the disk is now for a snapshot. Rejects where the overlay can't. */
  async freeze(snapshot: string): Promise<void> {
    await this.#lock.settled();
    if (!this.overlay.freeze) throw new Error("This overlay keeps no states.");
    await this.overlay.freeze(snapshot);
  }

  protected override async release(): Promise<void> {
    await settleAll([this.overlay.close(), this.base.close()]);
  }

  #isWhole(index: number, start: number, end: number): boolean {
    return end - start === blockLength(index, this.size);
  }

  #put(index: number, block: Uint8Array<ArrayBuffer>): Promise<void> {
    return isZero(block) ? this.overlay.clear(index, 1) : this.overlay.write(index, block);
  }

  /** Block `index` with `bytes` in it, at `start` of the disk. */
  async #merged(index: number, start: number, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const block = new Uint8Array(blockLength(index, this.size));
    const kind = this.overlay.kind(index);
    if (kind === "data") block.set(await this.overlay.read(index));
    else if (kind === "base") await this.base.read(index * BLOCK, block);
    block.set(bytes, start - index * BLOCK);
    return block;
  }
}

/** Bytes `start` to `end` of the disk in block `index`. */
function within(block: Uint8Array, index: number, start: number, end: number): Uint8Array {
  return block.subarray(start - index * BLOCK, end - index * BLOCK);
}

/** A range cut at the ends of blocks; `first` and `end` are block indexes. */
function partsOf(offset: number, length: number) {
  const first = Math.floor(offset / BLOCK);
  const end = Math.ceil((offset + length) / BLOCK);
  return {
    first,
    end,
    *[Symbol.iterator]() {
      for (let index = first; index < end; index++) {
        yield {
          index,
          start: Math.max(offset, index * BLOCK),
          end: Math.min(offset + length, (index + 1) * BLOCK),
        };
      }
    },
  };
}
