import { type Deferred, deferred } from "../core/deferred.ts";
import { QemuWebError } from "../core/errors.ts";
import { lineSplitter } from "../core/lines.ts";
import type { ByteChannel } from "./byte-channel.ts";

/** Commands by name, as the generated schemas have them. */
export type CommandTable<C> = { [K in keyof C]: { arguments: object; returns: unknown } };

export interface CallOptions {
  /** Gives the command up; its reason is thrown. */
  signal?: AbortSignal;
  /** Milliseconds to wait for the answer. */
  timeout?: number;
}

/** Arguments may be left out where the command needs none. */
export type CallWords<A> =
  Record<never, never> extends A ? [taken?: A, options?: CallOptions] : [taken: A, options?: CallOptions];

/** Milliseconds that an answer may take: QEMU's main loop does not wait for the guest. */
const PATIENCE = 10_000;

/** What the other side answered instead of a result: its class (qapi/error.json) beside the sentence. */
export class CommandError extends QemuWebError {
  constructor(
    command: string,
    readonly errorClass: string,
    description: string,
  ) {
    super(
      "command-refused",
      `${command} was refused: ${description.replace(/\.$/, "")}.`,
      errorClass === "CommandNotFound"
        ? "Check the spelling: query-commands and guest-info list what there is."
        : "Correct the command's arguments, or bring the VM into the state that it asks for.",
    );
  }
}

/**
 * Commands and answers of QMP's kind over a chardev, a line of JSON each (docs/interop/qmp-spec.rst): answers are matched by
 * id, and what answers nothing is told. Ends when the chardev does, or when `signal` aborts.
 */
export class CommandSession<C extends CommandTable<C>> {
  readonly #channel: ByteChannel;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #told: (message: object) => void;
  readonly #pending = new Map<number, Deferred<unknown>>();
  readonly #over = new AbortController();
  #nextId = 1;

  constructor(channel: ByteChannel, signal: AbortSignal, told: (message: object) => void) {
    this.#channel = channel;
    this.#writer = channel.input.getWriter();
    this.#told = told;
    void this.#read(signal);
  }

  /** Aborts, with the reason, when no answer will come any more. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Throws `CommandError` when it is refused, `command-timeout` when it isn't answered, the reason when the session ends. */
  execute<K extends keyof C & string>(
    command: K,
    ...[taken, options]: CallWords<C[K]["arguments"]>
  ): Promise<C[K]["returns"]> {
    return this.call(command, taken, options) as Promise<C[K]["returns"]>;
  }

  /** `execute` of what only the user knows the types of. */
  async call(command: string, taken: object = {}, { signal, timeout = PATIENCE }: CallOptions = {}): Promise<unknown> {
    const late = AbortSignal.timeout(timeout);
    const given = AbortSignal.any([this.over, late, ...(signal ? [signal] : [])]);
    given.throwIfAborted();
    const id = this.#nextId++;
    const answer = deferred<unknown>();
    const abort = () =>
      answer.reject(given.reason === late.reason ? unanswered(`The answer to ${command}`, timeout) : given.reason);
    given.addEventListener("abort", abort, { once: true });
    this.#pending.set(id, answer);
    this.send(`${JSON.stringify({ execute: command, arguments: taken, id })}\n`).catch(answer.reject);
    try {
      const message = await answer.promise;
      const error = member(message, "error");
      if (error === undefined) return member(message, "return");
      throw new CommandError(command, String(member(error, "class")), String(member(error, "desc")));
    } finally {
      this.#pending.delete(id);
      given.removeEventListener("abort", abort);
    }
  }

  /** Text as it is. */
  async send(text: string | Uint8Array): Promise<void> {
    await this.#writer.write(typeof text === "string" ? new TextEncoder().encode(text) : text);
  }

  async #read(signal: AbortSignal): Promise<void> {
    try {
      const lines = this.#channel.output
        .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>, { signal })
        .pipeThrough(lineSplitter());
      for await (const line of lines) this.#take(line);
      this.#over.abort(new QemuWebError("vm-state", "QEMU closed the channel.", "Start the VM again."));
    } catch (thrown) {
      this.#over.abort(thrown);
    }
  }

  #take(line: string): void {
    const message = parsed(line);
    if (!message) return;
    const id = member(message, "id");
    const answer = typeof id === "number" ? this.#pending.get(id) : undefined;
    if (answer) answer.resolve(message);
    else this.#told(message);
  }
}

export function unanswered(what: string, timeout: number): QemuWebError {
  return new QemuWebError(
    "command-timeout",
    `${what} did not come within ${timeout / 1000} s.`,
    "Try again; if it stays silent, force the VM off.",
  );
}

/** An object that a line is; a broken line ends nothing. */
function parsed(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line.replace(/^\uFFFD/, "")); // the agent's delimiter, decoded
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A member of what came from outside. */
export function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
