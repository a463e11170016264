import { toErrorData } from "../core/errors.ts";
import { capabilityReport } from "../host/capabilities.ts";
import type { EngineFiles } from "../host/engine-files.ts";
import type { Registry } from "../host/registry.ts";
import type { Capability } from "../model/capability.ts";
import type { Profile } from "../model/profile.ts";
import type { EngineApi } from "./api.ts";
import { expose, transfer } from "./transport.ts";

export interface ServerDeps {
  registry: Registry;
  engine: EngineFiles;
  /** The extension's version. */
  version: string;
  quickProfile(): Profile;
}

/** Serves the engine on ports; holds the lock by which clients learn that it is gone. */
export class EngineServer {
  readonly #deps: ServerDeps;
  readonly #lock = `qemuweb-engine-${crypto.randomUUID()}`;

  constructor(deps: ServerDeps) {
    this.#deps = deps;
    void navigator.locks.request(this.#lock, () => new Promise(() => {})); // held for this document's life
  }

  /** One client. What it opened ends when it is gone: when the lock that it said it holds can be had. */
  serve(port: MessagePort): void {
    const gone = new AbortController();
    gone.signal.addEventListener("abort", () => port.close());
    expose(this.#api(gone), port);
  }

  #api(gone: AbortController): EngineApi {
    const { registry, engine, version, quickProfile } = this.#deps;
    const { signal } = gone;
    return {
      hello: async (clientLock) => {
        void navigator.locks.request(clientLock, () => gone.abort());
        return { version, engineLock: this.#lock };
      },
      capabilities: async () => capabilityReport(engine, await storeProblem(registry)),
      listVms: async () => {
        await ready(registry);
        return registry.list();
      },
      events: async (since = 0) => {
        await ready(registry);
        const stream = registry.events.follow(since, signal);
        return transfer(stream, [stream]);
      },
      quickProfile: async () => quickProfile(),
      createVm: async (profile, files = {}) => {
        await registry.load();
        return registry.create(profile, files);
      },
      deleteVm: (id) => registry.delete(id),
      startVm: async (id) => registry.get(id).start(),
      shutdownVm: async (id) => registry.get(id).shutdown(),
      stopVm: async (id) => registry.get(id).stop(),
      pauseVm: async (id) => registry.get(id).pause(),
      resumeVm: async (id) => registry.get(id).resume(),
      resetVm: async (id) => registry.get(id).reset(),
      openConsole: async (id, name) => registry.get(id).openConsole(name, signal),
      openLog: async (id) => {
        const log = registry.get(id).openLog(signal);
        return transfer(log, [log]);
      },
      timings: async (id) => registry.get(id).timings,
    };
  }
}

/** A store that fails must not keep a page from what runs: `capabilities` and `createVm` tell it. */
function ready(registry: Registry): Promise<void> {
  return registry.load().catch(() => undefined);
}

async function storeProblem(registry: Registry): Promise<Capability | undefined> {
  const item = { id: "indexeddb", label: "Stored VMs", ok: false };
  try {
    await registry.load();
    const { unreadable } = registry;
    if (!unreadable) return undefined;
    return { ...item, value: "not all readable", required: false, hint: `${unreadable.message} ${unreadable.hint}` };
  } catch (thrown) {
    const { message, hint } = toErrorData(thrown);
    return { ...item, value: "failing", required: true, hint: `${message} ${hint}` };
  }
}
