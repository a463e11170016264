/** TypeScript half of `-chardev web` (qemu-wasm/web/chardev.c; layout: chardev.h). */
import { RingReader, RingWriter } from "../core/ring.ts";
import { Waker } from "../core/waker.ts";
import type { ByteChannel } from "./byte-channel.ts";

/** Indices into the 32-bit words of `WebChardevShared`. */
const word = {
  output: { produced: 0, consumed: 1, size: 2, data: 3 },
  input: { produced: 4, consumed: 5, size: 6, data: 7 },
  flag: 8,
  sequence: 9,
  blocked: 10,
};

/**
 * A UART hands over its output byte by byte. The first byte after a pause is delivered at once, so that an echo is prompt; what
 * follows within this many milliseconds goes with the next chunk: nobody is woken for it.
 */
const GATHER_MS = 8;

/**
 * Opens the device whose shared words lie at `address` (bytes) of the engine's memory. When `ended` aborts (the engine is gone)
 * what is left in the output ring is still delivered, then the output closes; input that was not taken is dropped.
 */
export function openChardev(memory: SharedArrayBuffer, address: number, ended?: AbortSignal): ByteChannel {
  const words = new Int32Array(memory, address, 11);
  const place = (ring: { produced: number; consumed: number; size: number; data: number }) => ({
    memory,
    produced: address + 4 * ring.produced,
    consumed: address + 4 * ring.consumed,
    size: words[ring.size] ?? 0,
    data: (words[ring.data] ?? 0) >>> 0,
  });
  const reader = new RingReader(place(word.output));
  const writer = new RingWriter(place(word.input));
  const engine = new Waker(memory, words[word.flag] ?? 0, words[word.sequence] ?? 0);

  const end = () => {
    reader.end();
    writer.end();
  };
  if (ended?.aborted) end();
  ended?.addEventListener("abort", end, { once: true });

  let delivered = 0;
  const output = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await reader.ready();
        const soon = delivered + GATHER_MS - performance.now();
        if (soon > 0 && !ended?.aborted) await new Promise((resolve) => setTimeout(resolve, soon));
        delivered = performance.now();
        const bytes = reader.take();
        if (bytes === undefined) return controller.close();
        controller.enqueue(bytes);
        if (Atomics.exchange(words, word.blocked, 0) === 1) engine.wake();
      },
    },
    { highWaterMark: 0 },
  );

  const input = new WritableStream<Uint8Array>({
    async write(bytes) {
      for (let done = 0; done < bytes.length; ) {
        done += writer.put(bytes.subarray(done));
        engine.wake();
        if (!(await writer.drained())) return;
      }
    },
  });
  return { output, input };
}
