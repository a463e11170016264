import { type Deferred, deferred } from "../../core/deferred.ts";
import { lineSplitter } from "../../core/lines.ts";
import type { ByteChannel } from "../byte-channel.ts";
import { parseMessage, type QmpCommands, QmpError, type QmpEvent, type QmpMessage } from "./messages.ts";

/** One QMP session over a chardev. Ends when the chardev does, or when the signal given to `connect` aborts. */
export class QmpClient {
  /** Everything that QEMU tells without being asked, from the first message on. Closes with the session. */
  readonly events: ReadableStream<QmpEvent>;
  readonly #channel: ByteChannel;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #greeting = deferred<void>();
  readonly #pending = new Map<number, Deferred<unknown>>();
  #events: ReadableStreamDefaultController<QmpEvent> | undefined;
  #nextId = 1;
  #over: Error | undefined;

  /** Waits for the greeting and leaves capabilities negotiation. */
  static async connect(channel: ByteChannel, signal: AbortSignal): Promise<QmpClient> {
    const client = new QmpClient(channel);
    void client.#read(signal);
    await client.#greeting.promise;
    await client.execute("qmp_capabilities", signal);
    return client;
  }

  private constructor(channel: ByteChannel) {
    this.#channel = channel;
    this.#writer = channel.input.getWriter();
    this.events = new ReadableStream({
      start: (controller) => {
        this.#events = controller;
      },
      cancel: () => {
        this.#events = undefined;
      },
    });
  }

  /** Runs a command; throws `QmpError` when QEMU refuses it, the signal's reason when that aborts first. */
  execute<C extends keyof QmpCommands>(command: C, signal?: AbortSignal): Promise<QmpCommands[C]["returns"]> {
    if (this.#over) return Promise.reject(this.#over);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = this.#nextId++;
    const answer = deferred<unknown>();
    const abort = () => answer.reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    this.#pending.set(id, answer);
    const bytes = new TextEncoder().encode(`${JSON.stringify({ execute: command, id })}\n`);
    this.#writer.write(bytes).catch(answer.reject);
    return answer.promise.finally(() => {
      this.#pending.delete(id);
      signal?.removeEventListener("abort", abort);
    }) as Promise<QmpCommands[C]["returns"]>;
  }

  async #read(signal: AbortSignal): Promise<void> {
    try {
      const lines = this.#channel.output
        .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>, { signal })
        .pipeThrough(lineSplitter());
      for await (const line of lines) {
        const message = parseMessage(line);
        if (message) this.#take(message);
      }
      this.#end(new Error("QEMU's monitor closed."));
    } catch (thrown) {
      this.#end(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  #take(message: QmpMessage): void {
    if ("QMP" in message) this.#greeting.resolve();
    else if ("event" in message) this.#events?.enqueue(message);
    else if (message.id !== undefined) {
      const answer = this.#pending.get(message.id);
      if ("error" in message) answer?.reject(new QmpError(message.error.class, message.error.desc));
      else answer?.resolve(message.return);
    }
  }

  #end(why: Error): void {
    this.#over = why;
    this.#greeting.reject(why);
    for (const answer of this.#pending.values()) answer.reject(why);
    this.#events?.close();
    this.#events = undefined;
  }
}
