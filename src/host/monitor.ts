import { deferred } from "../core/deferred.ts";
import type { QmpClient, QmpEvent } from "../qemu/qmp/client.ts";
import type { RunState } from "../qemu/qmp/schema.ts";
import type { VmInput } from "./vm-state.ts";

/** What the host does over a run's QMP session: learns the VM's state, resets, stops. */
export class Monitor {
  readonly #qmp: QmpClient;
  #reset = deferred<void>();

  constructor(qmp: QmpClient) {
    this.#qmp = qmp;
  }

  /** Tells the state now and with every event that changes it, until the session ends. */
  async watch(on: (input: VmInput | undefined, event?: QmpEvent) => void): Promise<void> {
    on(stateInput((await this.#qmp.execute("query-status")).status));
    for await (const event of this.#qmp.events()) {
      if (event.event === "RESET") this.#wasReset();
      on(eventInput(event), event);
    }
  }

  async reset(resume: boolean): Promise<void> {
    const done = this.#reset.promise;
    await this.#qmp.execute("system_reset");
    if (!resume) return;
    // `cont` is refused until the reset was done, which QEMU tells by an event.
    await done;
    await this.#qmp.execute("cont");
  }

  /** Doesn't wait: the answer may never come, and the Worker's exit tells. */
  quit(): void {
    this.#qmp.execute("quit").catch(() => undefined);
  }

  /** A console showed a panic to its end: pauses the engine, which would only spin. */
  stopAfterPanic(): void {
    this.#qmp.execute("stop").catch(() => undefined);
  }

  #wasReset(): void {
    this.#reset.resolve();
    this.#reset = deferred<void>();
  }
}

function stateInput(status: RunState): VmInput {
  if (status === "running") return { type: "running", at: Date.now() };
  return status === "guest-panicked" ? { type: "panicked" } : { type: "paused" };
}

function eventInput(event: QmpEvent): VmInput | undefined {
  switch (event.event) {
    case "RESUME":
      return { type: "running", at: Date.now() };
    case "STOP":
      return { type: "paused" };
    case "RESET":
      return { type: "reset" };
    case "GUEST_PANICKED":
      return { type: "panicked" };
    case "SHUTDOWN":
      return event.data.reason === "guest-shutdown" ? { type: "guest-shutdown" } : undefined;
    default:
      return undefined;
  }
}
