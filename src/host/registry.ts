import { Slots } from "../block/slots.ts";
import { type ErrorData, QemuWebError, toErrorData } from "../core/errors.ts";
import { parseProfile } from "../model/parse-profile.ts";
import type { DiskSource, Profile } from "../model/profile.ts";
import type { VmId, VmInfo } from "../model/vm.ts";
import { commandLine } from "../qemu/args.ts";
import { Events } from "./events.ts";
import { Vm, type VmDeps, type VmRecord } from "./vm.ts";
import type { VmStore } from "./vm-store.ts";

/** The only owner of VMs. */
export class Registry {
  readonly events = new Events();
  readonly #deps: VmDeps;
  readonly #store: VmStore;
  readonly #onChange: () => void;
  readonly #vms = new Map<VmId, Vm>();
  /** Stored VMs that this version can't read. */
  readonly #foreign = new Map<VmId, string>();
  /** Whoever changes what VMs are made of, or deletes an image that they may be made of, takes turns. */
  readonly #turns = new Slots(1);
  #loaded: Promise<void> | undefined;
  #unreadable: ErrorData | undefined;

  /** `onChange`: called after any VM changed, e.g. to count those that run. */
  constructor(deps: VmDeps, store: VmStore, onChange: () => void = () => {}) {
    this.#deps = deps;
    this.#store = store;
    this.#onChange = onChange;
  }

  /** Brings the stored VMs back, off. Throws `storage-failed`; asked again, it tries again. */
  load(): Promise<void> {
    this.#loaded ??= this.#load().catch((thrown) => {
      this.#loaded = undefined;
      throw thrown;
    });
    return this.#loaded;
  }

  /** Why a stored VM could not be brought back; undefined when all were. */
  get unreadable(): ErrorData | undefined {
    return this.#unreadable;
  }

  list(): VmInfo[] {
    return [...this.#vms.values()].map((vm) => vm.info);
  }

  /** A VM, once the stored ones are back. Throws `no-such-vm`, or `storage-failed` when it may be one that can't be read now. */
  async find(id: VmId): Promise<Vm> {
    if (!this.#vms.has(id)) await this.load();
    return this.get(id);
  }

  /** For those who know that VMs are loaded: throws `no-such-vm`. */
  get(id: VmId): Vm {
    const vm = this.#vms.get(id);
    if (vm) return vm;
    throw new QemuWebError("no-such-vm", "There is no such VM any more.", "Choose another VM from the list.");
  }

  /** Validates and stores a VM; the answer shows it as stored. Throws `profile-invalid` or `storage-failed`, and then there is none. */
  create(value: Profile, files: Record<string, Blob>): Promise<VmInfo> {
    return this.exclusive(async () => {
      const profile = parseProfile(value);
      const record = { id: crypto.randomUUID(), profile, files: neededFiles(profile, files) };
      await this.#checkMakeable(profile);
      return this.#add(await this.#store.save(record)).info;
    });
  }

  /** Replaces the profile of a VM that is off; see `EngineApi.updateVm`. */
  update(id: VmId, value: Profile, files: Record<string, Blob>): Promise<VmInfo> {
    return this.exclusive(() => this.updateInTurn(id, value, files));
  }

  /** `update`, for work that has its turn. */
  async updateInTurn(id: VmId, value: Profile, files: Record<string, Blob> = {}): Promise<VmInfo> {
    const vm = this.get(id);
    checkOff(vm);
    const { profile: old, files: stored } = vm.record;
    const profile = parseProfile(
      value,
      old.disks.map((disk) => disk.id),
    );
    checkDisks(old, profile);
    await this.#checkMakeable(profile);
    const record = { id, profile, files: neededFiles(profile, { ...stored, ...files }) };
    checkOff(vm);
    vm.change(await this.#store.save(record));
    const kept = new Set(profile.disks.map((disk) => disk.id));
    await vm.snapshots.ready();
    for (const { id: disk } of old.disks) if (!kept.has(disk)) await this.#deps.removeDisk(id, disk);
    this.events.storageChanged();
    return vm.info;
  }

  /** Changes the profile of a VM that runs. `live` does the same to the VM; when it can't, the profile is as it was. */
  changeLive(
    id: VmId,
    change: (profile: Profile) => unknown,
    files: Record<string, Blob>,
    live: (vm: Vm, record: VmRecord) => Promise<void>,
  ): Promise<VmInfo> {
    return this.exclusive(async () => {
      const vm = this.get(id);
      const before = vm.record;
      const taken = before.profile.disks.map((disk) => disk.id);
      const profile = parseProfile(change(before.profile), taken);
      await this.#checkMakeable(profile);
      const record = { id, profile, files: neededFiles(profile, { ...before.files, ...files }) };
      const stored = await this.#store.save(record);
      try {
        await live(vm, stored);
      } catch (thrown) {
        await this.#store.save(before);
        throw thrown;
      }
      vm.change(stored);
      this.events.storageChanged();
      return vm.info;
    });
  }

  /** Refuses a VM that isn't off. */
  delete(id: VmId): Promise<void> {
    return this.exclusive(async () => {
      const vm = this.get(id);
      vm.checkDelete();
      await this.#store.remove(id);
      await vm.snapshots.ready();
      for (const disk of vm.record.profile.disks) await this.#deps.removeDisk(id, disk.id);
      await this.#deps.states.deleteAll(id);
      await this.#deps.snapshots.deleteAll(id);
      vm.dispose();
      this.#vms.delete(id);
      this.events.deleted(id);
      this.events.storageChanged();
      this.#onChange();
    });
  }

  /** Runs `work` while nothing else changes what VMs are made of. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run(work);
  }

  /** May an overlay of that name be in use? Those of stored VMs that can't be read may. */
  owns(vm: VmId, disk: string): boolean {
    const profile = this.#vms.get(vm)?.record.profile;
    return this.#foreign.has(vm) || profile?.disks.some(({ id }) => id === disk) === true;
  }

  /** Do stored VMs that can't be read name this? */
  foreignNames(text: string): boolean {
    return [...this.#foreign.values()].some((profile) => profile.includes(text));
  }

  async #load(): Promise<void> {
    this.#unreadable = undefined;
    for (const record of await this.#store.load()) {
      if (this.#vms.has(record.id)) continue;
      try {
        this.#add({ ...record, profile: parseProfile(record.profile) });
      } catch (thrown) {
        // One that this version can't read stays stored, and must not hide the others.
        this.#unreadable = toErrorData(thrown);
        this.#foreign.set(record.id, JSON.stringify(record.profile));
      }
    }
    // Overlays that can't be had now are told when they are used.
    await this.#recover().catch(() => undefined);
  }

  /** What the last end of the browser left half done with VMs' disks and snapshots. */
  async #recover(): Promise<void> {
    const { snapshots, states } = this.#deps;
    for (const id of await states.vms()) {
      const vm = this.#vms.get(id);
      if (vm) await vm.snapshots.recover();
      else if (!this.#foreign.has(id)) await Promise.all([states.deleteAll(id), snapshots.deleteAll(id)]);
    }
  }

  /** What can't be started is refused now, not at the first start. Without an engine, the start tells what that can't do. */
  async #checkMakeable(profile: Profile): Promise<void> {
    for (const source of diskSources(profile)) if (source.from === "image") await this.#deps.images.get(source.id);
    const build = await this.#deps.engine.versions().catch(() => undefined);
    if (build) commandLine(profile, build);
  }

  #add(record: VmRecord): Vm {
    const vm = new Vm(this.#deps, record, () => this.#changed(vm));
    this.#vms.set(record.id, vm);
    this.#changed(vm);
    return vm;
  }

  #changed(vm: Vm): void {
    this.events.changed(vm.info);
    this.#onChange();
  }
}

function diskSources({ cdrom, disks }: Profile): DiskSource[] {
  return [...disks.map((disk) => disk.file), ...(cdrom ? [cdrom] : [])];
}

/** Of `files`, those that the profile names. Throws `profile-invalid` when one is missing. */
function neededFiles(profile: Profile, files: Record<string, Blob>): Record<string, Blob> {
  const { kernel, initrd } = profile.boot ?? {};
  const needed: Record<string, Blob> = {};
  for (const ref of [kernel, initrd, ...diskSources(profile)]) {
    if (ref?.from !== "user") continue;
    const file = files[ref.name];
    if (!(file instanceof Blob)) {
      throw new QemuWebError(
        "profile-invalid",
        `The file ${ref.name} was not given with the VM.`,
        "Choose the file again.",
      );
    }
    needed[ref.name] = file;
  }
  return needed;
}

/** A disk's changes belong to its image. */
function checkDisks(old: Profile, profile: Profile): void {
  for (const disk of profile.disks) {
    const before = old.disks.find(({ id }) => id === disk.id);
    if (!before || (sameSource(before.file, disk.file) && before.format === disk.format)) continue;
    throw new QemuWebError(
      "profile-invalid",
      `The disk ${disk.id} would have another image.`,
      "Leave out its id: another image is another disk.",
    );
  }
}

function sameSource(a: DiskSource, b: DiskSource): boolean {
  return a.from === "image" || b.from === "image"
    ? a.from === b.from && "id" in a && "id" in b && a.id === b.id
    : a.from === b.from && a.name === b.name;
}

function checkOff(vm: Vm): void {
  if (!vm.isOff) throw new QemuWebError("vm-state", "The VM is running.", "Stop the VM first.");
}
