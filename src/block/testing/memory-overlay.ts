import type { BlockKind, Overlay } from "../overlay.ts";

/** Changes that are gone with the page: what storing them costs, and what they do, is measured by it. */
export class MemoryOverlay implements Overlay {
  readonly #blocks = new Map<number, Uint8Array | undefined>();

  kind(index: number): BlockKind {
    if (!this.#blocks.has(index)) return "base";
    return this.#blocks.get(index) ? "data" : "zero";
  }

  async read(index: number): Promise<Uint8Array> {
    const bytes = this.#blocks.get(index);
    if (!bytes) throw new Error(`Block ${index} has no data.`);
    return bytes;
  }

  async write(index: number, bytes: Uint8Array): Promise<void> {
    this.#blocks.set(index, bytes);
  }

  async clear(first: number, count: number): Promise<void> {
    for (let index = first; index < first + count; index++) this.#blocks.set(index, undefined);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.#blocks.clear();
  }
}
