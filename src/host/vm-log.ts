import { Recent } from "../core/recent.ts";
import type { LogLine, LogSource } from "../model/vm.ts";

/** A VM's log: the newest lines. */
export class VmLog extends Recent<LogLine> {
  constructor(capacity = 2000) {
    super(capacity);
  }

  /** Appends `text`, line by line. */
  append(source: LogSource, text: string): void {
    const time = Date.now();
    for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/)) this.push({ time, source, text: line });
  }
}
