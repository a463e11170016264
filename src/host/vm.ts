import type { ImageLibrary, Job } from "../block/image-library.ts";
import { type Deferred, deferred } from "../core/deferred.ts";
import { QemuWebError, toErrorData } from "../core/errors.ts";
import { Recent } from "../core/recent.ts";
import type { Disk, Profile } from "../model/profile.ts";
import type { SnapshotFacts, SnapshotId, SnapshotWords } from "../model/snapshot.ts";
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
import { recallScreens, screensOf } from "./screens.ts";
import { type OpenSpeaker, Sound } from "./sound.ts";
import { VmLog } from "./vm-log.ts";
import { type SavedState, type SnapshotDeps, VmSnapshots } from "./vm-snapshots.ts";
import { disabledActions, next, OFF, type VmInput, type VmStatus } from "./vm-state.ts";
import type { SpawnWorker } from "./worker-handle.ts";

/** What every VM of a host shares. */
export interface VmDeps extends SnapshotDeps {
  engine: EngineFiles;
  spawn: SpawnWorker;
  openChardev: OpenChardev;
  openSpeaker: OpenSpeaker;
  /** The library that disks take their images from. */
  images: Pick<ImageLibrary, "open" | "get">;
  /** Forgets what was written to a disk of a VM. */
  removeDisk(vm: VmId, disk: string): Promise<void>;
}

/** What a VM is made of, and all that is stored of it. */
export interface VmRecord {
  id: VmId;
  profile: Profile;
  /** The user's own files, by the names that the profile's `FileRef`s use. */
  files: Record<string, Blob>;
}

/** Who waits for a guest to go on from a snapshot. */
interface Restore {
  progress(bytes: number): void;
  done: Deferred<void>;
}

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
  readonly #sound: Sound;
  readonly #life = new AbortController();
  #status: VmStatus = OFF;
  #agent: boolean | undefined;
  #run: Run | undefined;
  readonly snapshots: VmSnapshots;
  /** What the run goes on from, and who waits for that. */
  #saved: SavedState | undefined;
  #restore: Restore | undefined;
  #disposable = false;
  /** QEMU's arguments of the last start, without those by which it goes on from a state. */
  #args: string[] = [];
  #commandLine: string[] | undefined;
  #timings: StartTimings = {};

  constructor(deps: VmDeps, record: VmRecord, changed: () => void) {
    this.#deps = deps;
    this.#record = record;
    this.#changed = changed;
    this.#sound = new Sound(deps.openSpeaker, changed);
    this.#consoles = new Map(record.profile.serials.map((port) => [port.id, new ConsoleHub()]));
    this.snapshots = new VmSnapshots(deps, this, (problem) => {
      if (problem !== undefined) this.#log.append("engine", problem);
      this.#changed();
    });
  }

  get info(): VmInfo {
    const { id, profile } = this.#record;
    return {
      id,
      profile,
      ...this.#status,
      ...(this.#agent !== undefined && { agent: this.#agent }),
      ...(this.snapshots.current !== undefined && { snapshot: this.snapshots.current }),
      ...(this.#disposable && { disposable: true }),
      ...this.#hotNics,
      ...(profile.sound !== "none" && { sound: this.#sound.on }),
      disabled: this.#disabled,
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
   * with a saved state goes on from there, unless it is to `boot`.
   */
  async start({ boot = false, disposable = false }: StartOptions = {}): Promise<void> {
    this.#check("start");
    this.#run?.end(); // of a crashed VM
    await this.#start(boot ? undefined : () => this.snapshots.shipped(), disposable);
  }

  /**
   * The VM, which is off, is what it was: it goes on from a snapshot with memory, and has the disks of one without. Resolves when
   * that is done. Throws `no-such-snapshot`, `snapshot-bad`, `snapshot-unfit` or what the start throws, or the job's reason, and
   * the disks are as before then.
   */
  async restore(id: SnapshotId, job: Job): Promise<VmInfo> {
    this.#check("start");
    const saved = await this.snapshots.find(id);
    if (!saved.facts.state) await this.snapshots.revertDisks(saved.facts);
    else await this.#goOnFrom(saved, job);
    return this.info;
  }

  async #goOnFrom(saved: SavedState, job: Job): Promise<void> {
    const done = deferred<void>();
    done.promise.catch(() => undefined); // the start may fail before anybody waits
    const progress = (bytes: number) => job.progress(bytes, saved.state.size);
    const stop = () => void this.stop().catch(() => undefined); // it ended meanwhile
    this.#restore = { progress, done };
    job.signal.addEventListener("abort", stop, { once: true });
    try {
      this.#run?.end(); // of a crashed VM
      await this.#start(async () => saved, false);
      if (job.signal.aborted) stop();
      await done.promise;
    } catch (thrown) {
      await this.snapshots.ready();
      job.signal.throwIfAborted();
      throw thrown;
    } finally {
      this.#restore = undefined;
      job.signal.removeEventListener("abort", stop);
    }
  }

  async #start(find: (() => Promise<SavedState | undefined>) | undefined, disposable: boolean): Promise<void> {
    const run = this.#newRun(performance.now());
    this.#run = run;
    this.#disposable = disposable;
    this.#apply({ type: "start" });
    try {
      const saved = await find?.();
      if (saved && this.#run === run) this.#apply({ type: "restoring" });
      this.#saved = saved;
      await this.snapshots.prepare({ saved, disposable });
      await this.#load(run, saved);
    } catch (thrown) {
      if (this.#run === run) {
        const error = toErrorData(thrown);
        if (this.#status.state !== "stopping") this.#log.append("engine", error.message);
        this.#apply({ type: "failed", error });
        run.end();
        await this.snapshots.settle(); // it may have been stopped while the disks were prepared
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

  async statistics(): Promise<Record<string, number>> {
    return this.#running().monitor.statistics();
  }

  /**
   * Keeps the VM as it is now: with its memory when it runs, which it does for most of that; its disks when it is off. Throws
   * `snapshot-unfit` for a VM that can't be kept, `state-failed`, `storage-full`, `storage-failed` or the job's reason; the VM goes
   * on as before.
   */
  async snapshot(words: SnapshotWords, job: Job): Promise<SnapshotFacts> {
    this.#check("snapshot");
    if (this.isOff) return this.snapshots.takeDisks(words);
    const run = this.#running();
    const wasRunning = this.#status.state === "running";
    // One that panicked meanwhile stays where it is.
    const goOn = async () => {
      if (wasRunning && this.#status.state === "saving") await run.monitor.resume();
    };
    await this.snapshots.checkRunning(this.#args);
    this.#apply({ type: "saving" });
    try {
      const freezeDisks = (id: SnapshotId) => run.freezeDisks(id);
      const guest = { ...(await run.saveState()), freezeDisks, goOn, screens: () => screensOf(this.#consoles) };
      return await this.snapshots.takeRunning(words, guest, job);
    } catch (thrown) {
      await goOn().catch(() => undefined); // it may be off by now
      throw thrown;
    } finally {
      this.#apply({ type: "saved", running: wasRunning });
    }
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

  /** To be called before a disk is put into the VM while it runs; `files` are the VM's, with the disk's. */
  async prepareDisk(disk: Disk, files: VmRecord["files"]): Promise<void> {
    await this.snapshots.prepareDisk(disk, files, this.#disposable);
  }

  /** Whether a disk was put in while the VM ran, which it still does. */
  isHotPlugged(disk: string): boolean {
    return !this.isOff && this.#run?.isHotPlugged(disk) === true;
  }

  get #hotNics(): Pick<VmInfo, "hotNics"> {
    const run = this.#run;
    if (this.isOff || !run) return {};
    const hotNics = this.#record.profile.nics.filter(({ id }) => run.isHotPluggedNic(id)).map(({ id }) => id);
    return hotNics.length > 0 ? { hotNics } : {};
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

  /** Whether its sound card is heard, in this run and the next ones. Throws `capability-missing`. */
  async setSound(on: boolean): Promise<void> {
    await this.#sound.turn(on);
  }

  openLog(signal: AbortSignal): ReadableStream<LogLine> {
    return this.#log.follow(AbortSignal.any([signal, this.#life.signal]));
  }

  #running(): Run {
    if (!this.#run || this.isOff) throw new QemuWebError("vm-state", "The VM is off.", "Start it first.");
    return this.#run;
  }

  #newRun(began: number): Run {
    this.#timings = {};
    const run: Run = new Run({
      ...this.#deps,
      consoles: this.#consoles,
      display: this.#display,
      sound: this.#sound,
      log: this.#log,
      profile: this.#record.profile,
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
      restoring: (bytes) => this.#restore?.progress(bytes),
      restored: async () => {
        recallScreens(this.#consoles, this.#saved?.facts.state?.consoles);
        if (this.#saved?.kept) await this.snapshots.restored();
        this.#restore?.done.resolve();
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

  /** A snapshot that is asked for and fails is told. What ships is there to save time: without it, the guest boots. */
  #notRestored(run: Run, error: QemuWebError): void {
    this.#log.append("engine", error.message);
    run.end();
    this.#restore?.done.reject(error);
    if (this.#saved?.kept) this.#apply({ type: "failed", error: error.toData() });
    else this.#start(undefined, this.#disposable).catch(() => undefined); // the VM's state tells
  }

  async #load(run: Run, saved: SavedState | undefined): Promise<void> {
    const { id, profile, files } = this.#record;
    const bytes = memoryBytes(profile.memory);
    const line = commandLine(profile, await this.#deps.engine.versions());
    // Paused: the consoles are to show what they showed before the guest goes on.
    const args = saved ? [...line.args, "-incoming", "defer", "-S"] : line.args;
    this.#args = line.args;
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
    if (this.isOff) this.#ended();
    this.#changed();
  }

  #ended(): void {
    this.#disposable = false;
    this.#restore?.done.reject(notRestored());
    void this.snapshots.settle();
  }

  get #disabled(): VmInfo["disabled"] {
    const { snapshot: _, ...others } = disabledActions(this.#status.state);
    if (!this.isOff) return disabledActions(this.#status.state);
    const { nothingToKeep } = this.snapshots;
    return { ...others, ...(nothingToKeep !== undefined && { snapshot: nothingToKeep }) };
  }

  #check(action: VmAction): void {
    const why = this.#disabled[action];
    if (why) throw new QemuWebError("vm-state", why, `The VM is ${this.#status.state}: it cannot ${action} now.`);
  }
}

function notRestored(): QemuWebError {
  return new QemuWebError("vm-state", "The VM was stopped before it was restored.", "Restore it again.");
}

/** A word of a command line as a shell would need it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
