import { Pulse } from "../core/pulse.ts";
import { tailStream } from "../core/tail-stream.ts";
import type { LogLine, LogSource } from "../model/vm.ts";

/** A VM's log: the newest lines, and any number of readers. A reader that falls behind misses the oldest lines. */
export class VmLog {
  #lines: LogLine[] = [];
  /** Number of the oldest line kept, counted from the VM's first. */
  #first = 0;
  readonly #grown = new Pulse();

  constructor(readonly capacity = 2000) {}

  /** Appends `text`, line by line. */
  append(source: LogSource, text: string): void {
    for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/))
      this.#lines.push({ time: Date.now(), source, text: line });
    const surplus = Math.max(0, this.#lines.length - this.capacity);
    this.#lines.splice(0, surplus);
    this.#first += surplus;
    this.#grown.fire();
  }

  /** The newest line of a source. */
  last(source: LogSource): string | undefined {
    return this.#lines.findLast((line) => line.source === source)?.text;
  }

  /** The lines kept, then live ones, until `signal` aborts. */
  follow(signal: AbortSignal): ReadableStream<LogLine> {
    let cursor = 0;
    const next = () => {
      const lines = this.#lines.slice(Math.max(0, cursor - this.#first));
      cursor = this.#first + this.#lines.length;
      return lines;
    };
    return tailStream(next, this.#grown, signal);
  }
}
