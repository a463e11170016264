/** TypeScript half of the migration transport `web` (qemu-wasm/web/migration.c; layout: migration.h). */
import { RingReader, RingWriter } from "../core/ring.ts";
import { Waker } from "../core/waker.ts";

/** Indices into the 32-bit words of `WebMigrationShared`. */
const word = { produced: 0, consumed: 1, size: 2, data: 3, flag: 4, sequence: 5, ended: 6, failed: 7 };

/** One migration of QEMU's, from its opening to its close: the bytes of a VM's saved state pass through a ring. */
export class MigrationChannel {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #reader: RingReader;
  readonly #writer: RingWriter;
  readonly #engine: Waker;

  /** `address`: of the shared words, bytes. */
  constructor(memory: SharedArrayBuffer, address: number) {
    this.#words = new Int32Array(memory, address, 8);
    const at = (index: number) => (this.#words[index] ?? 0) >>> 0;
    const place = {
      memory,
      produced: address + 4 * word.produced,
      consumed: address + 4 * word.consumed,
      size: at(word.size),
      data: at(word.data),
    };
    this.#reader = new RingReader(place);
    this.#writer = new RingWriter(place);
    this.#engine = new Waker(memory, at(word.flag), at(word.sequence));
  }

  /** What QEMU saves; QEMU's migration waits while nobody reads. Cancelled, QEMU's migration fails. */
  saved(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream(
      {
        pull: async (controller) => {
          await this.#reader.ready();
          const bytes = this.#reader.take();
          if (bytes) controller.enqueue(bytes);
          else controller.close();
        },
        cancel: () => {
          this.#fail();
          this.#reader.take(); // QEMU may sleep until there is room
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Gives QEMU what it saved once. Resolves when QEMU has taken all, or has closed; when `state` breaks, QEMU's migration fails. */
  async restore(state: ReadableStream<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of state) {
        for (let done = 0; done < bytes.length; ) {
          done += this.#writer.put(bytes.subarray(done));
          this.#engine.wake();
          if (!(await this.#writer.drained())) return;
        }
      }
    } catch (error) {
      this.#fail();
      throw error;
    }
    Atomics.store(this.#words, word.ended, 1);
    this.#engine.wake();
  }

  /** QEMU has closed its end. */
  closed(): void {
    this.#reader.end();
    this.#writer.end();
  }

  #fail(): void {
    Atomics.store(this.#words, word.failed, 1);
    this.#engine.wake();
  }
}
