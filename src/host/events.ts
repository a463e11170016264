import { Pulse } from "../core/pulse.ts";
import { tailStream } from "../core/tail-stream.ts";
import type { EngineEvent, VmId, VmInfo } from "../model/vm.ts";

/**
 * The engine's numbered events. Of each VM only the newest is kept: it is all that a late reader needs, and it bounds
 * both the history and what a slow reader has before it.
 */
export class Events {
  #seq = 0;
  /** In the order of their numbers. */
  readonly #newest = new Map<VmId | "", EngineEvent>();
  readonly #grown = new Pulse();

  changed(vm: VmInfo): void {
    this.#put(vm.id, { seq: ++this.#seq, type: "vm", vm });
  }

  /** Images or disks changed. */
  storageChanged(): void {
    this.#put("", { seq: ++this.#seq, type: "storage" });
  }

  deleted(id: VmId): void {
    this.#put(id, { seq: ++this.#seq, type: "vm-deleted", id });
  }

  /** Everything after event `since`. A number that this engine never gave is of an earlier one: all, from the beginning. */
  follow(since: number, signal: AbortSignal): ReadableStream<EngineEvent> {
    let cursor = since > this.#seq ? 0 : since;
    let isPast = cursor === 0; // of what was before, only the VMs matter
    const next = () => {
      const isNews = (event: EngineEvent) => event.seq > cursor && (!isPast || event.type === "vm");
      const events = [...this.#newest.values()].filter(isNews);
      cursor = this.#seq;
      isPast = false;
      return events;
    };
    return tailStream(next, this.#grown, signal);
  }

  #put(id: VmId | "", event: EngineEvent): void {
    this.#newest.delete(id); // a Map keeps an entry's first place
    this.#newest.set(id, event);
    this.#grown.fire();
  }
}
