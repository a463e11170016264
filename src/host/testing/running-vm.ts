import { expect } from "vitest";
import type { Profile } from "../../model/profile.ts";
import { Registry } from "../registry.ts";
import { IdbVmStore } from "../vm-store.ts";
import { fakeDeps } from "./fake-engine.ts";

/** A VM that runs, with `change` to its profile, of a registry whose store a test can read. */
export async function runningVm(change: object, files: Record<string, Blob> = {}) {
  const deps = await fakeDeps();
  const store = new IdbVmStore(crypto.randomUUID());
  const registry = new Registry(deps, store);
  await registry.load();
  const { id } = await registry.create({ name: "t", ...change } as unknown as Profile, files);
  const starting = registry.get(id).start();
  await expect.poll(() => deps.workers[0]?.started).toBeDefined();
  const [qemu] = deps.workers;
  if (!qemu) throw new Error("no worker");
  await qemu.boot();
  await starting;
  await expect.poll(() => registry.get(id).info.state).toBe("running");
  return { id, qemu, deps, store, registry, info: () => registry.get(id).info };
}
