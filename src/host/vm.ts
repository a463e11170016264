import type { ImageLibrary } from "../block/image-library.ts";
import { QemuWebError, toErrorData } from "../core/errors.ts";
import { Recent } from "../core/recent.ts";
import type { Profile } from "../model/profile.ts";
import type { SnapshotFacts, SnapshotId, SnapshotInfo, SnapshotWords } from "../model/snapshot.ts";
import type { LogLine, MonitorEvent, StartOptions, StartTimings, VmAction, VmId, VmInfo } from "../model/vm.ts";
import { CDROM_ID, commandLine } from "../qemu/args.ts";
import { ConsoleHub } from "./console-hub.ts";
import { DisplayHub } from "./display-hub.ts";
import type { EngineFiles } from "./engine-files.ts";
import { guestDisks, guestFiles } from "./guest-files.ts";
import type { HotPlug } from "./hot-plug.ts";
import { memoryBytes } from "./memory.ts";
import type { Monitor } from "./monitor.ts";
import { type OpenChardev, Run } from "./run.ts";
import { readSnapshotFile } from "./snapshot-file.ts";
import { misfit, type StartFacts } from "./snapshot-fit.ts";
import type { SnapshotStore } from "./snapshot-store.ts";
import { VmLog } from "./vm-log.ts";
import { disabledActions, next, OFF, type VmInput, type VmStatus } from "./vm-state.ts";
import type { SpawnWorker } from "./worker-handle.ts";

/** What every VM of a host shares. */
export interface VmDeps {
  engine: EngineFiles;
  spawn: SpawnWorker;
  openChardev: OpenChardev;
  /** The library that disks take their images from. */
  images: Pick<ImageLibrary, "open" | "get">;
  /** Forgets what was written to a disk of a VM. */
  removeDisk(vm: VmId, disk: string): Promise<void>;
  snapshots: Pick<SnapshotStore, "get" | "list" | "save" | "deleteAll">;
}

/** What a VM is made of, and all that is stored of it. */
export interface VmRecord {
  id: VmId;
  profile: Profile;
  /** The user's own files, by the names that the profile's `FileRef`s use. */
  files: Record<string, Blob>;
}

/** A state to go on from. */
interface SavedState {
  facts: SnapshotFacts;
  /** gzip. */
  state: Blob;
  /** One of the VM's own snapshots. */
  kept: boolean;
}

/** Bytes of a console's output that are kept with a state. */
const SCREEN = 16 << 10;

/** QMP events that are kept for who looks later. */
const EVENTS = 500;

/** Milliseconds in which most guests shut down. */
const PATIENCE = 20_000;

/** A VM: its profile, its state, and its consoles and log, which outlive each run of its engine. */
export class Vm {
  readonly #deps: VmDeps;
  #record: VmRecord;
  readonly #changed: () => void;
  readonly #log = new VmLog();
  readonly #events = new Recent<MonitorEvent>(EVENTS);
  #consoles: ReadonlyMap<string, ConsoleHub>;
  readonly #display = new DisplayHub();
  readonly #life = new AbortController();
  #status: VmStatus = OFF;
  #agent: boolean | undefined;
  #run: Run | undefined;
  /** What the run goes on from. */
  #saved: SavedState | undefined;
  /** The snapshots that the guest, as it runs, goes back to, nearest first. */
  #parents: SnapshotId[] = [];
  #commandLine: string[] | undefined;
  #timings: StartTimings = {};

  constructor(deps: VmDeps, record: VmRecord, changed: () => void) {
    this.#deps = deps;
    this.#record = record;
    this.#changed = changed;
    this.#consoles = new Map(record.profile.serials.map((port) => [port.id, new ConsoleHub()]));
  }

  get info(): VmInfo {
    const { id, profile } = this.#record;
    return {
      id,
      profile,
      ...this.#status,
      ...(this.#agent !== undefined && { agent: this.#agent }),
      ...(this.#parents[0] !== undefined && { snapshot: this.#parents[0] }),
      disabled: disabledActions(this.#status.state),
      consoles: [...this.#consoles.keys()],
      ...(this.#commandLine && { commandLine: this.#commandLine }),
    };
  }

  get record(): VmRecord {
    return this.#record;
  }

  /** What it is made of from now on; of one that runs, disks may have come or gone. Consoles that it has before and after go on. */
  change(record: VmRecord): void {
    this.#record = record;
    const hubOf = (id: string) => this.#consoles.get(id) ?? new ConsoleHub();
    this.#consoles = new Map(record.profile.serials.map(({ id }) => [id, hubOf(id)]));
    this.#changed();
  }

  get timings(): StartTimings {
    return this.#timings;
  }

  /**
   * Resolves when QEMU's main is about to run. What keeps it from that is thrown, and is the VM's reason too. A guest that ships
   * with a saved state goes on from there, unless it is to `boot`. Throws `no-such-snapshot`, `snapshot-bad` or `snapshot-unfit`
   * when it can't go on from the given snapshot.
   */
  async start({ snapshot, boot = false }: StartOptions = {}): Promise<void> {
    this.#check("start");
    this.#run?.end(); // of a crashed VM
    await this.#start(snapshot ? () => this.#keptState(snapshot) : boot ? undefined : () => this.#shippedState());
  }

  async #start(find?: () => Promise<SavedState | undefined>): Promise<void> {
    const run = this.#newRun(performance.now());
    this.#run = run;
    this.#apply({ type: "start" });
    try {
      const saved = await find?.();
      if (saved && this.#run === run) this.#apply({ type: "restoring" });
      this.#saved = saved;
      this.#parents = saved?.kept ? [saved.facts.id, ...saved.facts.parents] : [];
      await this.#load(run, saved);
    } catch (thrown) {
      if (this.#run === run) {
        const error = toErrorData(thrown);
        if (this.#status.state !== "stopping") this.#log.append("engine", error.message);
        this.#apply({ type: "failed", error });
        run.end();
      }
      throw thrown;
    }
  }

  /** Resolves when the guest was asked. */
  async shutdown(): Promise<void> {
    this.#check("shutdown");
    await this.#running().shutdown(() => {
      this.#apply({ type: "shutdown" });
      const asked = this.#status;
      setTimeout(() => {
        if (this.#status === asked) this.#apply({ type: "not-reacting" });
      }, PATIENCE);
    });
  }

  /** Forced, like pulling the plug; resolves when the VM is off. */
  async stop(): Promise<void> {
    this.#check("stop");
    this.#apply({ type: "stop" });
    await this.#run?.stop();
    this.#apply({ type: "exited", status: 0 });
  }

  async pause(): Promise<void> {
    this.#check("pause");
    await this.#running().monitor.pause();
  }

  async resume(): Promise<void> {
    this.#check("resume");
    await this.#running().monitor.resume();
  }

  async reset(): Promise<void> {
    this.#check("reset");
    await this.#running().monitor.reset(this.#status.state === "crashed");
  }

  /**
   * Keeps the VM as it is now, its memory included. The guest runs on while most of it is stored. Throws `snapshot-unfit` for a
   * VM that can't be kept, `state-failed`, `storage-full` or `storage-failed`; the VM goes on as before.
   */
  async snapshot({ name, description }: SnapshotWords): Promise<SnapshotFacts> {
    this.#check("snapshot");
    const { id: vm, profile } = this.#record;
    if (profile.disks.some((disk) => disk.access !== "readonly")) throw writableDisks();
    const { snapshots } = this.#deps;
    const run = this.#running();
    const wasRunning = this.#status.state === "running";
    const { engine, args } = await this.#startFacts();
    const id = crypto.randomUUID();
    const goOn = async () => {
      if (wasRunning) await run.monitor.resume();
    };
    const facts = { id, name, description, created: Date.now(), parents: this.#parents, profile };
    this.#apply({ type: "saving" });
    try {
      const { bytes, complete } = await run.saveState();
      let saved: SnapshotFacts = facts;
      await snapshots.save(vm, id, bytes, async () => {
        await complete();
        saved = { ...facts, state: { engine, args, consoles: this.#screens() } };
        await goOn();
        this.#parents = [id, ...this.#parents];
        return saved;
      });
      return saved;
    } catch (thrown) {
      await goOn().catch(() => undefined); // it may be off by now
      throw thrown;
    } finally {
      this.#apply({ type: "saved", running: wasRunning });
    }
  }

  /** Adds a snapshot from a file. Throws `snapshot-bad`, `storage-full` or `storage-failed`, and nothing was changed then. */
  async importSnapshot(file: Blob): Promise<SnapshotFacts> {
    const { facts, state } = await readSnapshotFile(file);
    await this.#deps.snapshots.save(this.#record.id, facts.id, state.stream(), async () => facts);
    return facts;
  }

  /** Oldest first. */
  async snapshots(): Promise<SnapshotInfo[]> {
    const start = await this.#startFacts();
    return (await this.#deps.snapshots.list(this.#record.id)).map(({ facts, file }) => {
      const unfit = misfit(facts, start);
      return { ...facts, bytes: file.size, ...(unfit && { unfit }) };
    });
  }

  /** Throws `vm-state` unless the VM is off. */
  checkDelete(): void {
    this.#check("delete");
  }

  /** No engine runs. */
  get isOff(): boolean {
    return this.#status.state === "off" || this.#status.state === "failed";
  }

  /** Ends the engine if one runs, and the streams of all viewers. */
  dispose(): void {
    this.#run?.end();
    this.#life.abort();
  }

  openConsole(name: string, signal: AbortSignal) {
    const hub = this.#consoles.get(name);
    if (!hub) {
      const names = [...this.#consoles.keys()].join(", ") || "none";
      throw new QemuWebError("no-such-vm", `The VM has no console ${name}.`, `Its consoles: ${names}.`);
    }
    const either = AbortSignal.any([signal, this.#life.signal]);
    return { output: hub.view(either), input: hub.writer(either) };
  }

  /** Throws `vm-state` while there is no QEMU to talk to. */
  get monitor(): Monitor {
    return this.#running().monitor;
  }

  /** Disks and media of the VM while it runs. Throws like `monitor`. */
  get hotPlug(): HotPlug {
    return this.#running().hotPlug;
  }

  openQmpEvents(signal: AbortSignal): ReadableStream<MonitorEvent> {
    return this.#events.follow(AbortSignal.any([signal, this.#life.signal]));
  }

  /** The page's end of a port (src/model/display.ts). */
  openDisplay(signal: AbortSignal): MessagePort {
    if (this.#record.profile.display === "none") {
      throw new QemuWebError("no-such-vm", "The VM has no display.", "Create a VM with one in the New VM dialog.");
    }
    return this.#display.view(AbortSignal.any([signal, this.#life.signal]));
  }

  openLog(signal: AbortSignal): ReadableStream<LogLine> {
    return this.#log.follow(AbortSignal.any([signal, this.#life.signal]));
  }

  #running(): Run {
    if (!this.#run || this.isOff) throw new QemuWebError("vm-state", "The VM is off.", "Start it first.");
    return this.#run;
  }

  /** What each console shows, and some of what it showed before. */
  #screens(): Record<string, string> {
    return Object.fromEntries([...this.#consoles].map(([id, hub]) => [id, base64(hub.tail(SCREEN))]));
  }

  #newRun(began: number): Run {
    this.#timings = {};
    const run: Run = new Run({
      ...this.#deps,
      consoles: this.#consoles,
      display: this.#display,
      log: this.#log,
      machine: this.#record.profile.machine,
      diskName: (id) => {
        const { disks, cdrom } = this.#record.profile;
        const file = id === CDROM_ID ? cdrom : disks.find((disk) => disk.id === id)?.file;
        return file && "name" in file ? file.name : id;
      },
      input: (input) => {
        if (this.#run === run) this.#apply(input);
      },
      firstByte: () => {
        if (this.#run === run) this.#timings.firstSerialByte = performance.now() - began;
      },
      qmpEvent: (event) => this.#events.push(event),
      agent: (open) => {
        if (this.#run !== run) return;
        this.#agent = open;
        this.#changed();
      },
      restored: () => {
        for (const [id, text] of Object.entries(this.#saved?.facts.state?.consoles ?? {})) {
          this.#consoles.get(id)?.recall(bytesOf(text));
        }
      },
      notRestored: (error) => {
        if (this.#run === run) this.#notRestored(run, error);
      },
    });
    run.started.then(
      () => {
        if (this.#run === run) this.#timings.engineLoaded = performance.now() - began;
      },
      () => undefined, // whoever called `start` has the error
    );
    return run;
  }

  /** The shipped state of the VM's guest, if it has one and that fits. */
  async #shippedState(): Promise<SavedState | undefined> {
    const { engine } = this.#deps;
    const { profile } = this.#record;
    if (profile.boot?.kernel.from !== "guest") return undefined;
    const saved = await engine.quickSnapshot().catch((thrown: unknown) => {
      this.#log.append("engine", toErrorData(thrown).message);
      return undefined;
    });
    return saved && !misfit(saved.facts, await this.#startFacts()) ? { ...saved, kept: false } : undefined;
  }

  /** A snapshot to go on from. */
  async #keptState(id: SnapshotId): Promise<SavedState> {
    const { facts, state } = await this.#deps.snapshots.get(this.#record.id, id);
    const unfit = misfit(facts, await this.#startFacts());
    if (unfit) throw QemuWebError.fromData(unfit);
    return { facts, state, kept: true };
  }

  async #startFacts(): Promise<StartFacts> {
    const { engine } = this.#deps;
    const { profile } = this.#record;
    const { args } = commandLine(profile, await engine.versions());
    return { profile, engine: await engine.identity(), args };
  }

  /** A snapshot that is asked for and fails is told. What ships is there to save time: without it, the guest boots. */
  #notRestored(run: Run, error: QemuWebError): void {
    this.#log.append("engine", error.message);
    run.end();
    if (this.#saved?.kept) this.#apply({ type: "failed", error: error.toData() });
    else this.#start().catch(() => undefined); // the VM's state tells
  }

  async #load(run: Run, saved: SavedState | undefined): Promise<void> {
    const { id, profile, files } = this.#record;
    const bytes = memoryBytes(profile.memory);
    const line = commandLine(profile, await this.#deps.engine.versions());
    // Paused: the consoles are to show what they showed before the guest goes on.
    const args = saved ? [...line.args, "-incoming", "defer", "-S"] : line.args;
    this.#commandLine = ["qemu-system-x86_64", ...args];
    this.#log.append("engine", this.#commandLine.map(quoted).join(" "));
    this.#changed();
    const [engine, guest, disks] = await Promise.all([
      this.#deps.engine.load(),
      guestFiles(line.files, files, this.#deps.engine),
      guestDisks(line.disks, id, { user: files, packaged: this.#deps.engine, images: this.#deps.images }),
    ]);
    const { script, module, firmware } = engine;
    await run.start({
      type: "start",
      script,
      module,
      args,
      files: [...firmware, ...guest],
      disks,
      memoryBytes: bytes,
      ...(saved && { state: saved.state }),
    });
  }

  #apply(input: VmInput): void {
    const after = next(this.#status, input);
    if (after === this.#status) return;
    this.#status = after;
    if (["off", "failed", "starting", "restoring"].includes(after.state)) this.#agent = undefined;
    if (after.state === "off" || after.state === "failed") this.#parents = [];
    this.#changed();
  }

  #check(action: VmAction): void {
    const why = disabledActions(this.#status.state)[action];
    if (why) throw new QemuWebError("vm-state", why, `The VM is ${this.#status.state}: it cannot ${action} now.`);
  }
}

function writableDisks(): QemuWebError {
  return new QemuWebError(
    "snapshot-unfit",
    "A VM with disks that it writes to cannot be kept in a snapshot yet.",
    "Make its disks read-only, or shut it down instead.",
  );
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** A word of a command line as a shell would need it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
