import { type ErrorData, QemuWebError, toErrorData } from "../core/errors.ts";
import { parseProfile } from "../model/parse-profile.ts";
import type { FileRef, Profile } from "../model/profile.ts";
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

  /** Throws `no-such-vm`. */
  get(id: VmId): Vm {
    const vm = this.#vms.get(id);
    if (vm) return vm;
    throw new QemuWebError("no-such-vm", "There is no such VM any more.", "Choose another VM from the list.");
  }

  /** Validates and stores a VM; the answer shows it as stored. Throws `profile-invalid` or `storage-failed`, and then there is none. */
  async create(value: Profile, files: Record<string, Blob>): Promise<VmInfo> {
    const profile = parseProfile(value);
    const names = new Set(userFiles(profile));
    const missing = [...names].find((name) => !(files[name] instanceof Blob));
    if (missing !== undefined) {
      throw new QemuWebError(
        "profile-invalid",
        `The file ${missing} was not given with the VM.`,
        "Choose the file again.",
      );
    }
    const needed = Object.fromEntries(Object.entries(files).filter(([name]) => names.has(name)));
    const record: VmRecord = { id: crypto.randomUUID(), profile, files: needed };
    await this.#checkBuild(profile);
    return this.#add(await this.#store.save(record)).info;
  }

  /** Refuses a VM that isn't off. */
  async delete(id: VmId): Promise<void> {
    const vm = this.get(id);
    vm.checkDelete();
    await this.#store.remove(id);
    for (const disk of vm.persistentDisks) await this.#deps.removeDisk(id, disk);
    vm.dispose();
    this.#vms.delete(id);
    this.events.deleted(id);
    this.#onChange();
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
      }
    }
  }

  /** What this engine can't do is refused now, not at the first start. Without an engine, the start tells. */
  async #checkBuild(profile: Profile): Promise<void> {
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

function userFiles(profile: Profile): string[] {
  const refs: (FileRef | undefined)[] = [
    profile.boot?.kernel,
    profile.boot?.initrd,
    profile.cdrom,
    ...profile.disks.map((disk) => disk.file),
  ];
  return refs.flatMap((ref) => (ref?.from === "user" ? [ref.name] : []));
}
