import type { ImageLibrary } from "../block/image-library.ts";
import { QemuWebError, toErrorData } from "../core/errors.ts";
import type { Profile } from "../model/profile.ts";
import type { LogLine, StartTimings, VmAction, VmId, VmInfo } from "../model/vm.ts";
import { commandLine } from "../qemu/args.ts";
import { ConsoleHub } from "./console-hub.ts";
import type { EngineFiles } from "./engine-files.ts";
import { guestDisks, guestFiles } from "./guest-files.ts";
import { memoryBytes } from "./memory.ts";
import { type OpenChardev, Run } from "./run.ts";
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
}

/** What a VM is made of, and all that is stored of it. */
export interface VmRecord {
  id: VmId;
  profile: Profile;
  /** The user's own files, by the names that the profile's `FileRef`s use. */
  files: Record<string, Blob>;
}

/** Milliseconds in which most guests shut down. */
const PATIENCE = 20_000;

/** A VM: its profile, its state, and its consoles and log, which outlive each run of its engine. */
export class Vm {
  readonly #deps: VmDeps;
  #record: VmRecord;
  readonly #changed: () => void;
  readonly #log = new VmLog();
  #consoles: ReadonlyMap<string, ConsoleHub>;
  readonly #life = new AbortController();
  #status: VmStatus = OFF;
  #agent: boolean | undefined;
  #run: Run | undefined;
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
      disabled: disabledActions(this.#status.state),
      consoles: [...this.#consoles.keys()],
      ...(this.#commandLine && { commandLine: this.#commandLine }),
    };
  }

  get record(): VmRecord {
    return this.#record;
  }

  /** Of a VM that is off: what it is made of from now on. Consoles that it has before and after go on. */
  change(record: VmRecord): void {
    this.#record = record;
    const hubOf = (id: string) => this.#consoles.get(id) ?? new ConsoleHub();
    this.#consoles = new Map(record.profile.serials.map(({ id }) => [id, hubOf(id)]));
    this.#changed();
  }

  get timings(): StartTimings {
    return this.#timings;
  }

  /** Resolves when QEMU's main is about to run. What keeps it from that is thrown, and is the VM's reason too. */
  async start(): Promise<void> {
    this.#check("start");
    this.#run?.end(); // of a crashed VM
    const run = this.#newRun(performance.now());
    this.#run = run;
    this.#apply({ type: "start" });
    try {
      await this.#load(run);
    } catch (thrown) {
      if (this.#run === run) {
        const error = toErrorData(thrown);
        if (this.#status.state === "starting") this.#log.append("engine", error.message);
        this.#apply({ type: "failed", error });
        run.end();
      }
      throw thrown;
    }
  }

  /** Resolves when the guest was asked. */
  async shutdown(): Promise<void> {
    this.#check("shutdown");
    const run = this.#running();
    this.#apply({ type: "shutdown" });
    const asked = this.#status;
    setTimeout(() => {
      if (this.#status === asked) this.#apply({ type: "not-reacting" });
    }, PATIENCE);
    await run.shutdown();
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

  openLog(signal: AbortSignal): ReadableStream<LogLine> {
    return this.#log.follow(AbortSignal.any([signal, this.#life.signal]));
  }

  #running(): Run {
    if (!this.#run) throw new QemuWebError("vm-state", "The VM is off.", "Start it first.");
    return this.#run;
  }

  #newRun(began: number): Run {
    this.#timings = {};
    const run: Run = new Run({
      ...this.#deps,
      consoles: this.#consoles,
      log: this.#log,
      input: (input) => {
        if (this.#run === run) this.#apply(input);
      },
      firstByte: () => {
        if (this.#run === run) this.#timings.firstSerialByte = performance.now() - began;
      },
      agent: (open) => {
        if (this.#run !== run) return;
        this.#agent = open;
        this.#changed();
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

  async #load(run: Run): Promise<void> {
    const { id, profile, files } = this.#record;
    const bytes = memoryBytes(profile.memory);
    const line = commandLine(profile, await this.#deps.engine.versions());
    this.#commandLine = ["qemu-system-x86_64", ...line.args];
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
      args: line.args,
      files: [...firmware, ...guest],
      disks,
      memoryBytes: bytes,
    });
  }

  #apply(input: VmInput): void {
    const after = next(this.#status, input);
    if (after === this.#status) return;
    this.#status = after;
    if (after.state === "off" || after.state === "failed" || after.state === "starting") this.#agent = undefined;
    this.#changed();
  }

  #check(action: VmAction): void {
    const why = disabledActions(this.#status.state)[action];
    if (why) throw new QemuWebError("vm-state", why, `The VM is ${this.#status.state}: it cannot ${action} now.`);
  }
}

/** A word of a command line as a shell would need it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
