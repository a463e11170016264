import type { SyncHandle } from "../opfs.ts";

/** Bytes that a drive writes as a whole. */
const SECTOR = 512;

/** A file that forgets: of what was written and not flushed, a power cut leaves some sectors and loses others. */
export class VolatileFile implements SyncHandle {
  #durable = new Uint8Array(0);
  #bytes = new Uint8Array(0);
  /** What was done since the last flush; a size alone: truncated. */
  #since: { at: number; bytes: Uint8Array; size: number }[] = [];
  /** Called before each write and flush: throws when the power is cut there. */
  onChange = () => {};

  read(into: Uint8Array, { at }: { at: number }): number {
    const part = this.#bytes.subarray(at, at + into.length);
    into.set(part);
    return part.length;
  }

  write(from: Uint8Array, { at }: { at: number }): number {
    const size = Math.max(this.#bytes.length, at + from.length);
    this.#since.push({ at, bytes: from.slice(), size });
    this.onChange();
    this.#bytes = put(this.#bytes, size, at, from);
    return from.length;
  }

  truncate(size: number): void {
    if (size === this.#bytes.length) return;
    this.#since.push({ at: 0, bytes: new Uint8Array(0), size });
    this.#bytes = put(this.#bytes, size, 0, new Uint8Array(0));
  }

  getSize(): number {
    return this.#bytes.length;
  }

  flush(): void {
    this.onChange();
    this.#durable = this.#bytes.slice();
    this.#since = [];
  }

  close(): void {}

  /** What is there when the power is back. `next(n)` chooses. */
  cut(next: (limit: number) => number): void {
    let bytes = this.#durable.slice();
    for (const { at, bytes: written, size } of this.#since) {
      const end = size < bytes.length && next(2) === 0 ? size : Math.max(bytes.length, next(2) === 0 ? size : 0);
      bytes = put(bytes, end, 0, new Uint8Array(0));
      for (let from = 0; from < written.length; from += SECTOR) {
        if (next(2) === 0) continue;
        const sector = written.subarray(from, from + SECTOR);
        bytes = put(bytes, Math.max(bytes.length, at + from + sector.length), at + from, sector);
      }
    }
    this.#bytes = bytes;
    this.flush();
  }
}

/** `bytes` as a file of `size`, with `from` at `at`. */
function put(bytes: Uint8Array<ArrayBuffer>, size: number, at: number, from: Uint8Array): Uint8Array<ArrayBuffer> {
  let all = bytes;
  if (size !== bytes.length) {
    all = new Uint8Array(size);
    all.set(bytes.subarray(0, size));
  }
  all.set(from, at);
  return all;
}
