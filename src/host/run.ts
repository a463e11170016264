import type { FromWorker, StartMessage, ToWorker } from "../../qemu-wasm/protocol.ts";
import type { DiskSpec } from "../block/disk-image.ts";
import { type Deferred, deferred } from "../core/deferred.ts";
import { type ErrorData, QemuWebError, toErrorData } from "../core/errors.ts";
import { openDisplay } from "../display/display.ts";
import type { Profile } from "../model/profile.ts";
import type { MonitorEvent } from "../model/vm.ts";
import { NO_NETWORK } from "../qemu/args.ts";
import type { ByteChannel } from "../qemu/byte-channel.ts";
import { QmpClient, type QmpEvent } from "../qemu/qmp/client.ts";
import type { ConsoleHub } from "./console-hub.ts";
import { DiskTrouble } from "./disk-trouble.ts";
import type { DisplayHub } from "./display-hub.ts";
import { GuestAgent } from "./guest-agent.ts";
import { HotPlug } from "./hot-plug.ts";
import { memoryRefused } from "./memory.ts";
import { Migration } from "./migration.ts";
import { Monitor } from "./monitor.ts";
import { PanicWatch } from "./panic-watch.ts";
import type { Sound } from "./sound.ts";
import type { VmLog } from "./vm-log.ts";
import type { VmInput } from "./vm-state.ts";
import { type SpawnWorker, startWorker, type WorkerLike } from "./worker-handle.ts";

/** When `ended` aborts, what QEMU wrote last is still delivered, then the output closes. */
export type OpenChardev = (memory: SharedArrayBuffer, address: number, ended: AbortSignal) => ByteChannel;

export interface RunDeps {
  spawn: SpawnWorker;
  openChardev: OpenChardev;
  consoles: ReadonlyMap<string, ConsoleHub>;
  display: DisplayHub;
  sound: Sound;
  log: VmLog;
  profile: Profile;
  /** What the user calls a disk that QEMU knows by an id. */
  diskName(disk: string): string;
  /** What this run means for the VM's state. Nothing comes after `ended`. */
  input(input: VmInput): void;
  /** The first byte on any console. */
  firstByte(): void;
  /** The guest's agent came or went. */
  agent(open: boolean): void;
  qmpEvent(event: MonitorEvent): void;
  /** How many bytes of the state that the run was started with are in place. */
  restoring(bytes: number): void;
  /** All of it is; the guest goes on when this resolves. */
  restored(): Promise<void>;
  /** It could not be put in place: QEMU stands there without a guest. */
  notRestored(error: QemuWebError): void;
}

/** A VM's state on its way out of QEMU. */
export interface SavingState {
  /** gzip; ends when QEMU has given all, or gives up. */
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves when it was all, and the guest stands still. Throws `state-failed`. */
  complete(): Promise<void>;
}

/** Milliseconds that QEMU gets to end when asked, and the host to take the last of a console after it ended. */
const GRACE = 2000;

/** One run of an engine, from its Worker's start to its end; a VM that starts again has a new one. */
export class Run {
  readonly #deps: RunDeps;
  /** QEMU is gone, its memory still there. */
  readonly #exit = new AbortController();
  /** Nothing is left of the run. */
  readonly #over = new AbortController();
  /** What reads the consoles; each ends after the last byte. */
  readonly #pumps: Promise<void>[] = [];
  readonly #started = deferred<void>();
  readonly #ended = deferred<void>();
  #worker: WorkerLike | undefined;
  #memory: SharedArrayBuffer | undefined;
  readonly #disks: DiskTrouble;
  #monitor: Monitor | undefined;
  #migration: Migration | undefined;
  #saving = deferred<ReadableStream<Uint8Array<ArrayBuffer>>>();
  /** It was started with a state to go on from. */
  #restores = false;
  #clockIsOld = false;
  #hotPlug: HotPlug | undefined;
  /** Disks that the Worker was asked to add or remove. */
  readonly #changing = new Map<string, Deferred<void>>();
  #freezing = deferred<void>();
  #agent: GuestAgent | undefined;
  #lastError: string | undefined;
  #silent = true;

  constructor(deps: RunDeps) {
    this.#deps = deps;
    this.#disks = new DiskTrouble(deps.diskName, (reason) => deps.input({ type: "disk-stopped", reason }));
    for (const hub of deps.consoles.values()) hub.expect(this.#over.signal);
  }

  /** Resolves when QEMU's main is about to run; rejects with what kept it from that. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** Starts the Worker; resolves with `started`. */
  start(message: StartMessage): Promise<void> {
    if (this.#over.signal.aborted) return Promise.reject(this.#over.signal.reason);
    this.#restores = message.state !== undefined;
    this.#worker = startWorker(this.#deps.spawn, message, (answer) => this.#take(answer));
    return this.#started.promise;
  }

  /** Throws `vm-state` while QEMU is not that far. */
  get monitor(): Monitor {
    if (!this.#monitor) throw notReady();
    return this.#monitor;
  }

  /** Throws `vm-state` while QEMU is not that far. */
  get hotPlug(): HotPlug {
    if (!this.#hotPlug) throw notReady();
    return this.#hotPlug;
  }

  isHotPlugged(disk: string): boolean {
    return this.#hotPlug?.hasDisk(disk) === true;
  }

  isHotPluggedNic(nic: string): boolean {
    return this.#hotPlug?.hasNic(nic) === true;
  }

  /** Asks the guest to shut down: its agent, and without one that answers, its power button. `begun`: it can be asked. */
  async shutdown(begun: () => void): Promise<void> {
    const { monitor } = this;
    begun();
    const asked = await this.#agent?.shutdown().catch((thrown: unknown) => {
      this.#deps.log.append("engine", `The guest's agent did not shut it down: ${toErrorData(thrown).message}`);
    });
    if (!asked) await monitor.pressPowerButton();
    this.#deps.log.append("engine", asked ? "Asked the guest's agent to shut down." : "Pressed the power button.");
  }

  /**
   * Begins to save the state of the guest, which runs on for most of it; afterwards it stands still until it is resumed. Who
   * cancels the bytes makes it fail.
   */
  async saveState(): Promise<SavingState> {
    const migration = this.#migration;
    if (!migration) throw notReady();
    this.#saving = deferred();
    await migration.save();
    const late = migration.complete().then(() => Promise.reject(new Error("QEMU saved nothing")));
    return { bytes: await Promise.race([this.#saving.promise, late]), complete: () => migration.complete() };
  }

  /** Keeps what the disks are now for a snapshot, while the guest stands still. Throws `storage-full` or `storage-failed`. */
  freezeDisks(snapshot: string): Promise<void> {
    this.#freezing = deferred();
    this.#worker?.postMessage({ type: "freeze-disks", snapshot });
    return Promise.race([this.#freezing.promise, gone(this.#over.signal)]);
  }

  /** Asks QEMU to quit, and ends its Worker when it doesn't. */
  async stop(): Promise<void> {
    if (!this.#monitor) return this.end();
    const timer = setTimeout(() => this.end(), GRACE);
    this.#monitor.quit();
    await this.#ended.promise;
    clearTimeout(timer);
  }

  /** Ends the Worker at once. */
  end(): void {
    if (this.#over.signal.aborted) return;
    const gone = new QemuWebError("vm-state", "The VM was stopped.", "Start it again when you need it.");
    this.#exit.abort();
    this.#over.abort(gone);
    this.#started.reject(gone);
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#memory = undefined;
    this.#ended.resolve();
  }

  #take(message: FromWorker): void {
    if (this.#over.signal.aborted) return;
    switch (message.type) {
      case "started":
        this.#memory = message.memory;
        this.#started.resolve();
        break;
      case "chardev":
        this.#open(message.id, message.address);
        break;
      case "display":
        this.#openDisplay(message.address);
        break;
      case "audio":
        this.#openSound(message.address);
        break;
      case "output":
        if (NO_NETWORK.test(message.text)) break;
        if (message.source === "stderr") this.#lastError = message.text.trim() || this.#lastError;
        this.#deps.log.append(message.source, message.text);
        break;
      case "refused":
        this.#failed(QemuWebError.fromData(message.error));
        break;
      case "disk-changed":
        settle(this.#changing.get(message.disk), message.error);
        break;
      case "disks-frozen":
        settle(this.#freezing, message.error);
        break;
      case "disk-failed":
        this.#deps.log.append("engine", `Disk ${message.disk}: ${message.error.message} ${message.error.hint}`);
        this.#disks.failed(message.disk, message.error);
        break;
      case "saving":
        this.#saving.resolve(message.state);
        break;
      case "restoring":
        this.#deps.restoring(message.bytes);
        break;
      case "exit":
        void this.#exited(message.status);
        break;
      case "memory-refused":
        this.#deps.log.append("engine", `Shared memory refused: ${message.message}`);
        this.#failed(memoryRefused(message.bytes));
        break;
      case "abort":
        if (message.message) this.#deps.log.append("engine", message.message);
        // C's abort() gives no reason: what was written before it may.
        this.#failed(
          died(message.message || `it gave up; the last that it wrote was: ${this.#lastError ?? "nothing"}`),
        );
    }
  }

  #open(id: string, address: number): void {
    const hub = this.#deps.consoles.get(id);
    if (!this.#memory) {
      this.#failed(died("a chardev came before the memory"));
    } else if (id !== "qmp" && id !== "agent" && !hub) {
      this.#deps.log.append("engine", `Chardev ${id} belongs to no console.`);
    } else {
      const channel = this.#deps.openChardev(this.#memory, address, this.#exit.signal);
      if (id === "agent") {
        this.#agent = new GuestAgent(channel, this.#over.signal);
        return;
      }
      const work = (hub ? this.#pump(hub, channel) : this.#watch(channel)).catch((thrown: unknown) => {
        if (!this.#exit.signal.aborted) this.#deps.log.append("engine", `Chardev ${id} ended: ${String(thrown)}`);
      });
      if (hub) this.#pumps.push(work);
    }
  }

  #openDisplay(address: number): void {
    if (!this.#memory) {
      this.#failed(died("the display came before the memory"));
      return;
    }
    const { signal } = this.#exit;
    this.#deps.display.attach(openDisplay(this.#memory, address, signal), signal).catch((thrown: unknown) => {
      this.#deps.log.append("engine", `The display ended: ${String(thrown)}`);
    });
  }

  #openSound(address: number): void {
    if (!this.#memory) {
      this.#failed(died("the sound came before the memory"));
      return;
    }
    this.#deps.sound.attach({ memory: this.#memory, address }, this.#exit.signal).catch((thrown: unknown) => {
      this.#deps.log.append("engine", toErrorData(thrown).message);
    });
  }

  #pump(hub: ConsoleHub, channel: ByteChannel): Promise<void> {
    const panic = new PanicWatch();
    return hub.attach(channel, this.#over.signal, (bytes) => {
      if (this.#silent) this.#speaks();
      for (const sign of panic.push(bytes)) {
        if (sign.type === "alive") this.#deps.input({ type: "running", at: Date.now() });
        else this.#deps.input({ ...sign, type: "panicked" });
        // Not before all is said, and not at all when the kernel is to reboot after a panic: it prints no end then.
        if (sign.type === "end") this.#monitor?.stopAfterPanic();
      }
    });
  }

  /** A guest that writes runs, whether or not its monitor has said so. */
  #speaks(): void {
    this.#silent = false;
    this.#deps.firstByte();
    this.#deps.input({ type: "running", at: Date.now() });
  }

  async #watch(channel: ByteChannel): Promise<void> {
    const qmp = await QmpClient.connect(channel, this.#over.signal);
    this.#monitor = new Monitor(qmp);
    const disks = {
      qmp,
      addDisk: (disk: DiskSpec) => this.#changeDisk(disk.disk, { type: "add-disk", disk }),
      removeDisk: (disk: string) => this.#changeDisk(disk, { type: "remove-disk", disk }),
    };
    this.#hotPlug = new HotPlug(disks, this.#deps.profile);
    await this.#hotPlug.pullCables(this.#deps.profile.nics);
    this.#migration = new Migration(qmp);
    if (this.#restores) void this.#restore(this.#migration, this.#monitor);
    await this.#monitor.watch({
      event: (event) => this.#heard(event),
      input: (input) => {
        this.#deps.input(input);
        // QEMU ends by itself then; one that hangs on its way out must not keep the VM.
        if (input.type === "guest-shutdown") void after(GRACE).then(() => this.#exited(0));
      },
      diskStopped: () => this.#disks.stopped(),
    });
  }

  #changeDisk(disk: string, message: ToWorker): Promise<void> {
    const changed = deferred<void>();
    this.#changing.set(disk, changed);
    this.#worker?.postMessage(message);
    return Promise.race([changed.promise, gone(this.#over.signal)]);
  }

  /** Events of the session are heard meanwhile. */
  async #restore(migration: Migration, monitor: Monitor): Promise<void> {
    try {
      await migration.restore();
      await migration.complete();
      await this.#deps.restored();
    } catch (thrown) {
      if (!this.#over.signal.aborted) this.#deps.notRestored(QemuWebError.fromData(toErrorData(thrown)));
      return;
    }
    this.#clockIsOld = true;
    await monitor.resume();
  }

  /** A guest that goes on from a saved state has the time of then. */
  async #setClock(agent: GuestAgent): Promise<void> {
    if (!this.#clockIsOld) return;
    this.#clockIsOld = false;
    await agent.setTime().catch((thrown: unknown) => {
      this.#deps.log.append("engine", `The guest's clock was not set: ${toErrorData(thrown).message}`);
    });
  }

  #heard(event: QmpEvent): void {
    this.#deps.log.append("qmp", JSON.stringify(event));
    this.#deps.qmpEvent(event);
    this.#migration?.heard(event);
    if (event.event === "RESUME") this.#disks.resumed();
    if (event.event === "WATCHDOG") {
      this.#deps.log.append("engine", `The guest hung: its watchdog expired (action: ${event.data.action}).`);
    }
    if (event.event === "BLOCK_IO_ERROR") this.#disks.event(event.data);
    if (event.event === "VSERPORT_CHANGE" && this.#agent) {
      this.#agent.open = event.data.open;
      this.#deps.agent(event.data.open);
      if (event.data.open) void this.#setClock(this.#agent);
    }
  }

  /** The rings outlive QEMU: what the guest wrote last is still read, unless a viewer holds it up for too long. */
  async #exited(status: number): Promise<void> {
    this.#exit.abort();
    await Promise.race([Promise.all(this.#pumps), after(GRACE)]);
    if (this.#over.signal.aborted) return;
    this.#deps.log.append("engine", `QEMU ended with status ${status}.`);
    this.#deps.input({ type: "exited", status, ...(this.#lastError && { lastLine: this.#lastError }) });
    this.end();
  }

  #failed(error: QemuWebError): void {
    this.#deps.log.append("engine", error.message);
    this.#started.reject(error);
    this.#deps.input({ type: "failed", error: error.toData() });
    this.end();
  }
}

function settle(answer: Deferred<void> | undefined, error: ErrorData | undefined): void {
  if (error) answer?.reject(QemuWebError.fromData(error));
  else answer?.resolve();
}

/** Rejects with the reason when the signal aborts. */
function gone(signal: AbortSignal): Promise<never> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function notReady(): QemuWebError {
  return new QemuWebError("vm-state", "QEMU's monitor is not there yet.", "Try again in a moment, or stop the VM.");
}

function died(why: string): QemuWebError {
  return new QemuWebError(
    "worker-died",
    // A stack is for the log.
    `The engine died: ${(why.split("\n")[0] ?? "").replace(/\.$/, "")}.`,
    "Look at the Log tab, and start the VM again.",
  );
}
