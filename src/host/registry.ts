import { QemuWebError } from "../core/errors.ts";
import { parseProfile } from "../model/parse-profile.ts";
import type { FileRef, Profile } from "../model/profile.ts";
import type { VmId, VmInfo } from "../model/vm.ts";
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

  list(): VmInfo[] {
    return [...this.#vms.values()].map((vm) => vm.info);
  }

  /** Throws `no-such-vm`. */
  get(id: VmId): Vm {
    const vm = this.#vms.get(id);
    if (vm) return vm;
    throw new QemuWebError("no-such-vm", "There is no such VM any more.", "Choose another VM from the list.");
  }

  /** Validates and stores a VM. Throws `profile-invalid` or `storage-failed`, and then there is none. */
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
    await this.#store.save(record);
    return this.#add(record).info;
  }

  /** Refuses a VM that isn't off. */
  async delete(id: VmId): Promise<void> {
    const vm = this.get(id);
    vm.checkDelete();
    await this.#store.remove(id);
    vm.dispose();
    this.#vms.delete(id);
    this.events.deleted(id);
    this.#onChange();
  }

  async #load(): Promise<void> {
    for (const record of await this.#store.load()) {
      if (!this.#vms.has(record.id)) this.#add({ ...record, profile: parseProfile(record.profile) });
    }
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
