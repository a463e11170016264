import { deferred } from "../../core/deferred.ts";
import { Recent } from "../../core/recent.ts";
import type { ByteChannel } from "../byte-channel.ts";
import { CommandSession, unanswered } from "../command-session.ts";
import type { Commands, Events } from "./schema.ts"; // generated: npm run setup

/** Something that QEMU tells without being asked, with its time. */
export type QmpEvent = {
  [E in keyof Events]: { event: E; timestamp: { seconds: number; microseconds: number } } & (Events[E] extends undefined
    ? { data?: undefined }
    : { data: Events[E] });
}[keyof Events];

/** Events that are kept for who comes late or is slow. */
const EVENTS = 1000;

/** One QMP session over a chardev (docs/interop/qmp-spec.rst). */
export class QmpClient extends CommandSession<Commands> {
  readonly #events: Recent<QmpEvent>;

  /** Waits for the greeting and leaves capabilities negotiation. */
  static async connect(channel: ByteChannel, signal: AbortSignal): Promise<QmpClient> {
    const greeted = deferred<void>();
    const client = new QmpClient(channel, signal, greeted.resolve);
    client.over.addEventListener("abort", () => greeted.reject(client.over.reason));
    await greeted.promise;
    await client.execute("qmp_capabilities", {});
    return client;
  }

  private constructor(channel: ByteChannel, signal: AbortSignal, greeted: () => void) {
    const events = new Recent<QmpEvent>(EVENTS);
    super(channel, signal, (message) => {
      if ("QMP" in message) greeted();
      else if ("event" in message) events.push(message as QmpEvent);
    });
    this.#events = events;
  }

  /** The events from the session's first on, until it ends or `signal` aborts. */
  events(signal: AbortSignal = this.over): ReadableStream<QmpEvent> {
    return this.#events.follow(AbortSignal.any([signal, this.over]));
  }

  /**
   * The next event of a name whose data `matches`, from this call on: to be asked for before what brings it about. Throws
   * `command-timeout` after `timeout` milliseconds. Whoever has no use for it any more may let it be.
   */
  next<E extends keyof Events>(name: E, matches: (data: Events[E]) => boolean, timeout: number): Promise<Events[E]> {
    const events = this.#events.follow(AbortSignal.any([AbortSignal.timeout(timeout), this.over]), "now");
    const found = (async () => {
      for await (const { event, data } of events) {
        if (event === name && matches(data as Events[E])) return data as Events[E];
      }
      throw unanswered(`QEMU's event ${name}`, timeout);
    })();
    found.catch(() => undefined);
    return found;
  }
}
