import type { EngineApi, VmId } from "../engine/api.ts";

/** `Quick VM`, or the first of `Quick VM 2`, `Quick VM 3` ... that no VM bears. */
export function freeName(base: string, taken: readonly string[]): string {
  if (!taken.includes(base)) return base;
  for (let n = 2; ; n++) {
    const name = `${base} ${n}`;
    if (!taken.includes(name)) return name;
  }
}

/** Creates a VM from the built-in quick profile and starts it. `onCreated` hears its id before the start. */
export async function launchQuickVm(
  engine: EngineApi,
  onCreated?: (id: VmId) => void,
  display?: boolean,
): Promise<VmId> {
  const [profile, vms] = await Promise.all([engine.quickProfile(display), engine.listVms()]);
  const names = vms.map((vm) => vm.profile.name);
  const { id } = await engine.createVm({ ...profile, name: freeName("Quick VM", names) });
  onCreated?.(id);
  await engine.startVm(id);
  return id;
}
