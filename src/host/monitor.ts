import type { QmpClient, QmpEvent } from "../qemu/qmp/client.ts";
import type { RunState, ShutdownCause } from "../qemu/qmp/schema.ts";
import { parseStatistics } from "../qemu/statistics.ts";
import type { VmInput } from "./vm-state.ts";

/** Milliseconds for what users type, and for a reset: some of it takes its time. */
const PATIENCE = 60_000;

/** Seconds after a reset in which another is its echo: SeaBIOS resets the machine once more to begin from a clean state. */
const FIRMWARE = 1;

export interface MonitorListener {
  event(event: QmpEvent): void;
  /** What an event, or the status at first, means for the VM's state. */
  input(input: VmInput): void;
  /** QEMU paused because a request to a disk failed. */
  diskStopped(): void;
}

/** What the host does over a run's QMP session: learns the VM's state, and changes it. */
export class Monitor {
  readonly #qmp: QmpClient;
  #resetAt = Number.NEGATIVE_INFINITY;

  constructor(qmp: QmpClient) {
    this.#qmp = qmp;
  }

  /** Tells the state now and with every event that changes it, until the session ends. */
  async watch({ event: on, input, diskStopped }: MonitorListener): Promise<void> {
    const state = stateInput((await this.#qmp.execute("query-status")).status);
    if (state) input(state);
    for await (const event of this.#qmp.events()) {
      on(event);
      const meaning = event.event === "RESET" ? this.#wasReset(event) : eventInput(event);
      if (meaning) input(meaning);
      if (event.event === "STOP" && (await this.#qmp.execute("query-status")).status === "io-error") diskStopped();
    }
  }

  async pause(): Promise<void> {
    await this.#qmp.execute("stop");
  }

  async resume(): Promise<void> {
    await this.#qmp.execute("cont");
  }

  async reset(resume: boolean): Promise<void> {
    const done = resume && this.#qmp.next("RESET", () => true, PATIENCE);
    await this.#qmp.execute("system_reset");
    // `cont` is refused until the reset was done, which QEMU tells by an event.
    if (await done) await this.resume();
  }

  async statistics(): Promise<Record<string, number>> {
    return parseStatistics((await this.#qmp.execute("x-accel-stats"))["human-readable-text"]);
  }

  /** ACPI's; what the guest makes of it is the guest's. */
  async pressPowerButton(): Promise<void> {
    await this.#qmp.execute("system_powerdown");
  }

  /** A line of the human monitor; resolves to what it prints. */
  async hmp(line: string): Promise<string> {
    return this.#qmp.execute("human-monitor-command", { "command-line": line }, { timeout: PATIENCE });
  }

  /** Any command, for who knows its types; resolves to what it returns. */
  async qmp(command: string, args?: object): Promise<unknown> {
    return this.#qmp.call(command, args, { timeout: PATIENCE });
  }

  /** Doesn't wait: the answer may never come, and the Worker's exit tells. */
  quit(): void {
    this.#qmp.execute("quit").catch(() => undefined);
  }

  /** A console showed a panic to its end: pauses the engine, which would only spin. */
  stopAfterPanic(): void {
    this.pause().catch(() => undefined);
  }

  #wasReset({ data, timestamp }: QmpEvent & { event: "RESET" }): VmInput {
    const at = timestamp.seconds + timestamp.microseconds / 1e6;
    const byFirmware = at - this.#resetAt < FIRMWARE;
    this.#resetAt = at;
    return { type: "reset", byGuest: data.guest && !byFirmware };
  }
}

function stateInput(status: RunState): VmInput | undefined {
  if (status === "inmigrate") return undefined; // it will be resumed
  if (status === "running") return { type: "running", at: Date.now() };
  return status === "guest-panicked" ? { type: "panicked" } : { type: "paused" };
}

/** The guest's own way out; a panic was told before, and what the host does is known. */
const BY_GUEST: ReadonlySet<ShutdownCause> = new Set(["guest-shutdown", "guest-reset"]);

function eventInput(event: QmpEvent): VmInput | undefined {
  switch (event.event) {
    case "RESUME":
      return { type: "running", at: Date.now() };
    case "STOP":
      return { type: "paused" };
    case "POWERDOWN":
      return { type: "shutdown" };
    case "WATCHDOG":
      return { type: "watchdog", action: event.data.action };
    case "GUEST_PANICKED":
      return { type: "panicked" };
    case "SHUTDOWN":
      return BY_GUEST.has(event.data.reason) ? { type: "guest-shutdown" } : undefined;
    default:
      return undefined;
  }
}
