import { toErrorData } from "../core/errors.ts";
import { capabilityReport } from "../host/capabilities.ts";
import type { Disks } from "../host/disks.ts";
import type { EngineFiles } from "../host/engine-files.ts";
import type { Images } from "../host/images.ts";
import { jobStream } from "../host/job-stream.ts";
import type { LiveDisks } from "../host/live-disks.ts";
import type { LiveNics } from "../host/live-nics.ts";
import type { Registry } from "../host/registry.ts";
import type { SnapshotTransfer } from "../host/snapshot-transfer.ts";
import type { Vm } from "../host/vm.ts";
import type { Capability } from "../model/capability.ts";
import type { StorageUsage } from "../model/image.ts";
import type { Profile } from "../model/profile.ts";
import type { VmId } from "../model/vm.ts";
import type { EngineApi, FileExport } from "./api.ts";
import { expose, sendable, transfer } from "./transport.ts";

export interface ServerDeps {
  registry: Registry;
  images: Images;
  disks: Disks;
  liveDisks: LiveDisks;
  liveNics: LiveNics;
  storageUsage(): Promise<StorageUsage>;
  engine: EngineFiles;
  snapshots: SnapshotTransfer;
  /** The extension's version. */
  version: string;
  quickProfile(display?: boolean): Profile;
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
    const { registry, images, disks, liveDisks, liveNics, engine, snapshots } = this.#deps;
    const { version, quickProfile, storageUsage } = this.#deps;
    const { signal } = gone;
    const work = <T>(stream: ReadableStream<T>) => {
      const sent = sendable(stream);
      return transfer(sent, [sent]);
    };
    const file = (made: FileExport) => {
      const chunks = sendable(made.chunks);
      return transfer({ ...made, chunks }, [chunks]);
    };
    /** A page may know a VM from before the browser's last end: this engine may not have loaded it yet. */
    const found = async <T>(id: VmId, then: (vm: Vm) => T | Promise<T>): Promise<T> => then(await registry.find(id));
    /** Which images and disks are used is known when the VMs are. */
    const loaded = async <T>(then: () => T | Promise<T>): Promise<T> => {
      await registry.load();
      return then();
    };
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
      quickProfile: async (display) => quickProfile(display),
      createVm: (profile, files = {}) => loaded(() => registry.create(profile, files)),
      updateVm: (id, profile, files = {}) => loaded(() => registry.update(id, profile, files)),
      deleteVm: (id) => loaded(() => registry.delete(id)),
      startVm: (id, options) => found(id, (vm) => vm.start(options)),
      shutdownVm: (id) => found(id, (vm) => vm.shutdown()),
      stopVm: (id) => found(id, (vm) => vm.stop()),
      pauseVm: (id) => found(id, (vm) => vm.pause()),
      resumeVm: (id) => found(id, (vm) => vm.resume()),
      resetVm: (id) => found(id, (vm) => vm.reset()),
      snapshotVm: (id, { name = snapshotName(), description = "" } = {}) =>
        found(id, (vm) => work(jobStream((job) => vm.snapshot({ name, description }, job), signal))),
      listSnapshots: (id) => found(id, (vm) => vm.snapshots.list()),
      restoreSnapshot: (id, snapshot) => found(id, (vm) => work(jobStream((job) => vm.restore(snapshot, job), signal))),
      cloneVm: (id, snapshot) => loaded(() => work(snapshots.clone(id, snapshot, signal))),
      exportSnapshot: (id, snapshot) => loaded(async () => file(await snapshots.export(id, snapshot, signal))),
      importSnapshot: (id, file) => loaded(() => work(snapshots.import(id, file, signal))),
      deleteSnapshot: (id, snapshot) => found(id, (vm) => vm.snapshots.delete(snapshot)),
      openConsole: (id, name) => found(id, (vm) => vm.openConsole(name, signal)),
      openDisplay: (id) =>
        found(id, (vm) => {
          const port = vm.openDisplay(signal);
          return transfer(port, [port]);
        }),
      setSound: (id, on) => found(id, (vm) => vm.setSound(on)),
      openLog: (id) =>
        found(id, (vm) => {
          const log = vm.openLog(signal);
          return transfer(log, [log]);
        }),
      attachDisk: (id, disk, files = {}) => found(id, () => liveDisks.attach(id, disk, files)),
      detachDisk: (id, disk) => found(id, () => liveDisks.detach(id, disk)),
      attachNic: (id, nic) => found(id, () => liveNics.attach(id, nic)),
      detachNic: (id, nic) => found(id, () => liveNics.detach(id, nic)),
      insertMedium: (id, file, files = {}) => found(id, () => liveDisks.insert(id, file, files)),
      ejectMedium: (id) => found(id, () => liveDisks.eject(id)),
      hmp: (id, line) => found(id, (vm) => vm.monitor.hmp(line)),
      qmp: (id, command, args) => found(id, (vm) => vm.monitor.qmp(command, args)),
      qmpEvents: (id) =>
        found(id, (vm) => {
          const events = vm.openQmpEvents(signal);
          return transfer(events, [events]);
        }),
      timings: (id) => found(id, (vm) => vm.timings),
      statistics: (id) => found(id, (vm) => vm.statistics()),
      listImages: () => loaded(() => images.list()),
      createImage: (blank) => loaded(() => images.create(blank)),
      importImage: (source, name) => loaded(() => work(images.import(source, name, signal))),
      renameImage: (id, name) => loaded(() => images.rename(id, name)),
      exportImage: (id) => loaded(async () => file(await images.export(id, signal))),
      deleteImage: (id) => loaded(() => images.delete(id)),
      listDisks: (id) => loaded(() => disks.list(id)),
      exportDisk: (id, disk, format) => loaded(async () => file(await disks.export(id, disk, format, signal))),
      importOverlay: (id, disk, overlay) => loaded(() => work(disks.importOverlay(id, disk, overlay, signal))),
      discardChanges: (id, disk) => loaded(() => disks.discard(id, disk)),
      commitDisk: (id, disk, options) => loaded(() => work(disks.commit(id, disk, options, signal))),
      resizeDisk: (id, disk, virtualSize) => loaded(() => disks.resize(id, disk, virtualSize)),
      storageUsage: () => loaded(storageUsage),
    };
  }
}

function snapshotName(): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date());
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
