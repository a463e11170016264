import { QemuWebError } from "../core/errors.ts";
import type { Nic } from "../model/profile.ts";
import type { VmId, VmInfo } from "../model/vm.ts";
import type { Registry } from "./registry.ts";

/** Network adapters of VMs that run. The contract is `EngineApi`'s. */
export class LiveNics {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  attach(id: VmId, nic: Pick<Nic, "model"> & Partial<Nic>): Promise<VmInfo> {
    const change = (profile: { nics: Nic[] }) => ({ ...profile, nics: [...profile.nics, nic] });
    return this.#registry.changeLive(id, change, {}, async (vm, { profile }) => {
      const added = profile.nics.at(-1);
      if (!added) throw new QemuWebError("internal", "The adapter got lost.", "This is a bug in QemuWeb.");
      await vm.hotPlug.attachNic(added);
    });
  }

  detach(id: VmId, nic: string): Promise<VmInfo> {
    const change = (profile: { nics: Nic[] }) => {
      const nics = profile.nics.filter((other) => other.id !== nic);
      if (nics.length === profile.nics.length) throw noSuchNic(nic);
      return { ...profile, nics };
    };
    return this.#registry.changeLive(id, change, {}, (vm) => vm.hotPlug.detachNic(nic));
  }
}

function noSuchNic(nic: string): QemuWebError {
  return new QemuWebError("vm-state", `The VM has no network adapter ${nic}.`, "Choose one that it has.");
}
