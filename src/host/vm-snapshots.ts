import { ByteReader } from "../block/byte-reader.ts";
import { openBase } from "../block/disk-image.ts";
import type { ImageLibrary, Job } from "../block/image-library.ts";
import type { DiskBase, OverlaySnapshots } from "../block/overlay-snapshots.ts";
import { QemuWebError } from "../core/errors.ts";
import type { Disk, Profile } from "../model/profile.ts";
import type { SnapshotFacts, SnapshotId, SnapshotInfo, SnapshotWords } from "../model/snapshot.ts";
import { commandLine } from "../qemu/args.ts";
import { byteCounter } from "./byte-counter.ts";
import type { EngineFiles } from "./engine-files.ts";
import { diskImage } from "./guest-files.ts";
import { snapshotBad } from "./snapshot-file.ts";
import { misfit, type StartFacts } from "./snapshot-fit.ts";
import type { SnapshotStore } from "./snapshot-store.ts";
import type { VmRecord } from "./vm.ts";

export interface SnapshotDeps {
  engine: EngineFiles;
  images: Pick<ImageLibrary, "open">;
  /** Files of snapshots: facts and memory. */
  snapshots: Pick<SnapshotStore, "get" | "list" | "sweep" | "save" | "delete" | "deleteAll">;
  /** The disks' part of them. */
  states: Pick<OverlaySnapshots, keyof OverlaySnapshots>;
}

/** A state to go on from. */
export interface SavedState {
  facts: SnapshotFacts;
  /** gzip. */
  state: Blob;
  /** One of the VM's own snapshots. */
  kept: boolean;
}

/** A guest that is being kept while it runs. */
export interface RunningGuest {
  /** gzip; ends when QEMU has given all, or gives up. */
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves when it was all, and the guest stands still. Throws `state-failed`. */
  complete(): Promise<void>;
  /** Has its disks kept as they are. */
  freezeDisks(snapshot: SnapshotId): Promise<void>;
  /** All of it is kept: it may go on. */
  goOn(): Promise<void>;
  /** The end of each console's output, base64. */
  screens(): Record<string, string>;
}

/** What a file of a snapshot holds, wherever it is. */
export interface SnapshotContents {
  facts: SnapshotFacts;
  /** gzip; empty when it has none. */
  state: Blob;
  /** Overlay files of the disks that it keeps. */
  disks: { disk: string; size: number; open(): ReadableStream<Uint8Array<ArrayBuffer>> }[];
}

/** What becomes of the disks in a run of the VM. */
interface RunPlan {
  saved: SavedState | undefined;
  /** None of the disks keeps what is written in this run. */
  disposable: boolean;
}

/** The snapshots of one VM, and what its disks are by them. What changes its disks is for a VM that is off. */
export class VmSnapshots {
  readonly #deps: SnapshotDeps;
  readonly #vm: { readonly record: VmRecord; readonly isOff: boolean };
  /** Told when what the disks go back to has changed, or the log is to have a line. */
  readonly #changed: (problem?: string) => void;
  #parents: SnapshotId[] = [];
  #settling: Promise<void> = Promise.resolve();
  #tidying = new AbortController();
  #preparing: Promise<unknown> = Promise.resolve();

  constructor(
    deps: SnapshotDeps,
    vm: { readonly record: VmRecord; readonly isOff: boolean },
    changed: (problem?: string) => void,
  ) {
    this.#deps = deps;
    this.#vm = vm;
    this.#changed = changed;
  }

  /** The snapshot that the VM goes back to as it is. */
  get current(): SnapshotId | undefined {
    return this.#parents[0];
  }

  /** Why there is nothing to keep of the VM while it is off. */
  get nothingToKeep(): string | undefined {
    return keptDisks(this.#profile).length === 0 ? "The VM is off, and has no disk to keep." : undefined;
  }

  /** Oldest first. */
  async list(): Promise<SnapshotInfo[]> {
    const [start, stored, frozen] = await Promise.all([
      this.#startFacts(),
      this.#deps.snapshots.list(this.#id),
      this.#deps.states.list(this.#id),
    ]);
    return stored.map(({ facts, file }) => {
      const unfit = misfit(facts, start);
      const disks = frozen.filter(({ snapshot }) => snapshot === facts.id);
      const bytes = disks.reduce((sum, disk) => sum + disk.bytes, file.size);
      return { ...facts, bytes, ...(unfit && { unfit }) };
    });
  }

  /** Keeps the disks of the VM, which is off. */
  async takeDisks(words: SnapshotWords): Promise<SnapshotFacts> {
    await this.ready();
    const disks = keptDisks(this.#profile);
    const facts = { ...this.#facts(words), disks: disks.map(({ id }) => id) };
    await this.#deps.states.freeze(this.#id, await this.#bases(disks), facts.id);
    await this.#save(facts, new Blob().stream(), async () => facts);
    this.#go(facts);
    return facts;
  }

  /** Throws `snapshot-unfit` for a VM that runs and can't be kept with its memory. */
  async checkRunning(args: readonly string[]): Promise<void> {
    if ((await this.#startFacts()).args.join("\n") === args.join("\n")) return;
    throw unfit(
      "Disks or network adapters came or went since the VM was started, and it can't be started as it is now.",
      "Shut it down and start it again; then take the snapshot.",
    );
  }

  /** Keeps a guest with its memory. It goes on once all is kept; until then a failure leaves things as they were. */
  async takeRunning(words: SnapshotWords, guest: RunningGuest, job: Job): Promise<SnapshotFacts> {
    const { engine, args } = await this.#startFacts();
    const facts = this.#facts(words);
    const disks = keptDisks(this.#profile).map(({ id }) => id);
    let saved: SnapshotFacts = facts;
    await this.#save(
      facts,
      guest.bytes.pipeThrough(byteCounter(job)()),
      async () => {
        await guest.complete();
        job.signal.throwIfAborted();
        if (disks.length > 0) await guest.freezeDisks(facts.id);
        saved = { ...facts, disks, state: { engine, args, consoles: guest.screens() } };
        await guest.goOn();
        return saved;
      },
      job.signal,
    );
    this.#go(saved);
    return saved;
  }

  /** A snapshot that the VM can go back to. Throws `no-such-snapshot`, `snapshot-bad` or `snapshot-unfit`. */
  async find(id: SnapshotId): Promise<SavedState> {
    const { facts, state } = await this.#deps.snapshots.get(this.#id, id);
    const reason = misfit(facts, await this.#startFacts());
    if (reason) throw QemuWebError.fromData(reason);
    return { facts, state, kept: true };
  }

  /** The state that ships of the VM's guest, if there is one and it fits. */
  async shipped(): Promise<SavedState | undefined> {
    if (this.#profile.boot?.kernel.from !== "guest") return undefined;
    const saved = await this.#deps.engine.quickSnapshot().catch((thrown: unknown) => {
      this.#changed(thrown instanceof Error ? thrown.message : String(thrown));
      return undefined;
    });
    return saved && !misfit(saved.facts, await this.#startFacts()) ? { ...saved, kept: false } : undefined;
  }

  /** Goes back to what the disks were in a snapshot without memory. */
  async revertDisks(facts: SnapshotFacts): Promise<void> {
    await this.ready();
    await this.#deps.states.revert(this.#id, await this.#bases(this.#disksOf(facts)), facts.id);
    this.#go(facts);
    this.#tidy();
  }

  /**
   * Before a run: what its disks begin with. Until `restored`, all that a snapshot brings can be undone; what a run is not to keep
   * is undone when it is over.
   */
  prepare(plan: RunPlan): Promise<void> {
    // A run that was stopped meanwhile comes to its end before the next begins.
    const prepared = this.#preparing.then(() => this.#prepare(plan));
    this.#preparing = prepared.catch(() => undefined);
    return prepared;
  }

  async #prepare({ saved, disposable }: RunPlan): Promise<void> {
    await this.ready();
    const { states } = this.#deps;
    if (keptDisks(this.#profile).length > 0) await states.undo(this.#id);
    if (saved?.kept) {
      await states.attempt(this.#id, await this.#bases(this.#disksOf(saved.facts)), saved.facts.id);
      this.#go(saved.facts);
      return;
    }
    const tried = keptDisks(this.#profile).filter((disk) => isForgotten(disk, disposable));
    if (tried.length > 0) await states.attempt(this.#id, await this.#bases(tried));
    this.#parents = await this.#diskParents();
  }

  /** Before a disk, and its file among `files`, is put into a VM while it runs. */
  async prepareDisk(disk: Disk, files: VmRecord["files"], disposable: boolean): Promise<void> {
    const tried = keptDisks({ disks: [disk] }).filter((disk) => isForgotten(disk, disposable));
    if (tried.length > 0) await this.#deps.states.attempt(this.#id, await this.#bases(tried, files));
  }

  /** The guest goes on from the snapshot: its disks stay so. */
  async restored(): Promise<void> {
    const disks = keptDisks(this.#profile).filter((disk) => !isForgotten(disk, false));
    await this.#deps.states.keep(
      this.#id,
      disks.map(({ id }) => id),
    );
  }

  /** After a run, or when the host starts: what was only tried is undone, what deleted snapshots left is put in order. */
  settle(): Promise<void> {
    this.#settling = this.#settling
      .then(() => this.#settle())
      .catch((thrown: unknown) => this.#changed(`The disks were not put in order: ${String(thrown)}`));
    return this.#settling;
  }

  /** What the host's end left of snapshots that were never whole, and what a run had begun. */
  async recover(): Promise<void> {
    const whole = new Set(await this.#deps.snapshots.sweep(this.#id));
    for (const { snapshot } of await this.#deps.states.list(this.#id)) {
      if (!whole.has(snapshot)) await this.#deps.states.delete(this.#id, snapshot);
    }
    await this.settle();
  }

  /** The disks can be changed: nothing is done with them behind anybody's back. */
  async ready(): Promise<void> {
    for (let over: Promise<void> | undefined; over !== this.#settling; await over) {
      this.#tidying.abort();
      over = this.#settling;
    }
  }

  async delete(id: SnapshotId): Promise<void> {
    await this.#deps.snapshots.delete(this.#id, id);
    await this.#deps.states.delete(this.#id, id);
    this.#parents = this.#parents.filter((parent) => parent !== id);
    this.#changed();
    this.#tidy();
  }

  /**
   * Adds a snapshot that was taken of another VM, or in another browser. Throws `snapshot-unfit` when the VM has not the disks,
   * `overlay-foreign` when their images are others, `overlay-file-bad` or `snapshot-bad`; nothing was changed then.
   */
  async add({ facts: given, state, disks }: SnapshotContents, job: Job): Promise<SnapshotFacts> {
    const { snapshots, states } = this.#deps;
    // An id is the name of a file.
    const isFree = !(await snapshots.list(this.#id)).some(({ facts }) => facts.id === given.id);
    const facts = isFree && /^[\w-]+$/.test(given.id) ? given : { ...given, id: crypto.randomUUID() };
    const kept = this.#disksOf(facts);
    const files = kept.map(({ id }) => disks.find(({ disk }) => disk === id));
    if (kept.length < (facts.disks ?? []).length) {
      throw unfit("The snapshot is of disks that this VM has not.", "Add it to a VM with the same disks.");
    }
    if (files.includes(undefined)) throw snapshotBad("lacks the contents of a disk");
    const count = byteCounter(job, 2 * state.size + disks.reduce((sum, { size }) => sum + size, 0));
    if (state.size > 0) await checkState(state.stream().pipeThrough(count()), job.signal);
    await this.ready();
    const bases = await this.#bases(kept);
    const parts = bases.flatMap((base) => {
      const part = disks.find(({ disk }) => disk === base.disk);
      return part ? [{ ...base, file: new ByteReader(part.open().pipeThrough(count())) }] : [];
    });
    await states.import(this.#id, facts.id, parts, facts.parents, job.signal);
    await this.#save(facts, state.stream().pipeThrough(count()), async () => facts, job.signal);
    return facts;
  }

  get #id(): string {
    return this.#vm.record.id;
  }

  get #profile(): Profile {
    return this.#vm.record.profile;
  }

  #facts({ name, description }: SnapshotWords): SnapshotFacts {
    const id = crypto.randomUUID();
    return { id, name, description, created: Date.now(), parents: this.#parents, profile: this.#profile };
  }

  /** Of the VM's disks, those that the snapshot keeps. */
  #disksOf({ disks = [] }: SnapshotFacts): Disk[] {
    return this.#profile.disks.filter(({ id }) => disks.includes(id));
  }

  #go({ id, parents }: SnapshotFacts): void {
    this.#parents = [id, ...parents];
    this.#changed();
  }

  async #save(
    facts: SnapshotFacts,
    bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
    finish: () => Promise<SnapshotFacts>,
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      await this.#deps.snapshots.save(this.#id, facts.id, bytes, finish, signal);
    } catch (thrown) {
      // What can't be deleted now is when the host starts again.
      await this.#deps.states.delete(this.#id, facts.id).catch(() => undefined);
      throw thrown;
    }
  }

  async #settle(): Promise<void> {
    if (keptDisks(this.#profile).length > 0) await this.#deps.states.undo(this.#id);
    this.#parents = await this.#diskParents();
    this.#changed();
    this.#tidy();
  }

  /** Goes on in the background until it is done, or somebody wants the disks: then it is done after the next run. */
  #tidy(): void {
    if (!this.#vm.isOff) return;
    const stop = new AbortController();
    this.#tidying = stop;
    this.#settling = this.#settling
      .then(() => this.#deps.states.tidy(this.#id, stop.signal))
      .catch((thrown: unknown) => {
        if (!stop.signal.aborted) this.#changed(`The disks were not put in order: ${String(thrown)}`);
      });
  }

  async #diskParents(): Promise<SnapshotId[]> {
    const disk = keptDisks(this.#profile).find(({ access }) => access === "persistent");
    if (!disk) return [];
    const parents = await this.#deps.states.parents(this.#id, disk.id);
    if (parents.length === 0) return [];
    const there = new Set((await this.#deps.snapshots.list(this.#id)).map(({ facts }) => facts.id));
    return parents.filter((id) => there.has(id));
  }

  /** The images below disks. */
  #bases(disks: Disk[], files = this.#vm.record.files): Promise<DiskBase[]> {
    const { engine, images } = this.#deps;
    return Promise.all(
      disks.map(async ({ id, file, format }) => {
        const image = await diskImage(file, { user: files, packaged: engine, images });
        const { image: device, base } = await openBase({ image, format });
        await device.close();
        return { disk: id, base };
      }),
    );
  }

  async #startFacts(): Promise<StartFacts> {
    const { engine } = this.#deps;
    const profile = this.#profile;
    const { args } = commandLine(profile, await engine.versions());
    return { profile, engine: await engine.identity(), args };
  }
}

/** Those that are written to: what they are can be kept. */
function keptDisks({ disks }: Pick<Profile, "disks">): Disk[] {
  return disks.filter(({ access }) => access !== "readonly");
}

function isForgotten({ access }: Disk, disposable: boolean): boolean {
  return disposable || access === "snapshot";
}

/** gzip has a checksum of its own. Throws `snapshot-bad`. */
async function checkState(state: ReadableStream<Uint8Array<ArrayBuffer>>, signal: AbortSignal): Promise<void> {
  const unzip = new DecompressionStream("gzip") as TransformStream<Uint8Array<ArrayBuffer>, Uint8Array>;
  try {
    await state.pipeThrough(unzip).pipeTo(new WritableStream(), { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw snapshotBad("is altered: the state in it is damaged", undefined, { cause });
  }
}

function unfit(message: string, hint: string): QemuWebError {
  return new QemuWebError("snapshot-unfit", message, hint);
}
