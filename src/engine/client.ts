import { deferred } from "../core/deferred.ts";
import type { QemuWebError } from "../core/errors.ts";
import type { EngineApi, FileExport } from "./api.ts";
import { CONNECT } from "./connect-message.ts";
import { lost, type Remote, received, transfer, wrap } from "./transport.ts";

/** The engine, until `close` is called, the page goes, or the engine does. */
export type EngineConnection = EngineApi & {
  /** Ends everything that this connection opened. */
  close(): void;
};

/** Milliseconds for the offscreen document to come up and answer. */
const PATIENCE = 10_000;

/** Connects a page (panel, popup, tab) to the engine. Throws `transport-lost` when it does not answer. */
export async function connect(patience = PATIENCE): Promise<EngineConnection> {
  const { port1, port2 } = new MessageChannel();
  const gone = new AbortController();
  const lose = (message: string) => gone.abort(lost(message));
  port1.addEventListener("messageerror", () => lose("An answer of the engine could not be read."));
  const timer = setTimeout(() => lose("The engine does not answer."), patience);
  const release = await holdLock();
  try {
    const remote = wrap<EngineApi>(port1);
    const hello = (async () => {
      const { active } = await navigator.serviceWorker.ready;
      active?.postMessage(CONNECT, [port2]);
      return remote.hello(release.name);
    })();
    const { engineLock } = await unlessGone(hello, gone.signal);
    whenReleased(engineLock, () => lose("The engine is gone."), gone.signal);
    const close = () => {
      lose("The connection was closed.");
      port1.close();
      release.now();
    };
    return connection(remote, gone.signal, close);
  } catch (thrown) {
    port1.close();
    release.now();
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

/** A lock of a random name; the browser frees it when the page goes, which is how the engine learns of that. */
async function holdLock(): Promise<{ name: string; now(): void }> {
  const name = `qemuweb-client-${crypto.randomUUID()}`;
  const held = deferred<void>();
  const granted = deferred<void>();
  void navigator.locks.request(name, () => {
    granted.resolve();
    return held.promise;
  });
  await granted.promise;
  return { name, now: held.resolve };
}

/** Shared: any number of pages wait for the engine's lock. */
function whenReleased(name: string, then: () => void, signal: AbortSignal): void {
  navigator.locks.request(name, { mode: "shared", signal }, then).catch(() => undefined); // aborted: nobody waits
}

/** Each call and each stream ends with `transport-lost` when the engine goes: no answer would ever come. */
function connection(remote: Remote<EngineApi>, gone: AbortSignal, close: () => void): EngineConnection {
  const call = <T>(answer: Promise<T>) => unlessGone(answer, gone);
  const live = <T>(stream: ReadableStream<T>) => stream.pipeThrough(new TransformStream<T, T>(), { signal: gone });
  const work = async <T>(answer: Promise<ReadableStream<T>>) => live(received(await call(answer)));
  const file = async (answer: Promise<FileExport>): Promise<FileExport> => {
    const { chunks, ...facts } = await call(answer);
    return { ...facts, chunks: live(received(chunks)) };
  };
  return {
    hello: (clientLock) => call(remote.hello(clientLock)),
    capabilities: () => call(remote.capabilities()),
    listVms: () => call(remote.listVms()),
    events: async (since) => live(await call(remote.events(since))),
    quickProfile: (display) => call(remote.quickProfile(display)),
    createVm: (profile, files) => call(remote.createVm(profile, files)),
    updateVm: (id, profile, files) => call(remote.updateVm(id, profile, files)),
    deleteVm: (id) => call(remote.deleteVm(id)),
    startVm: (id, options) => call(remote.startVm(id, options)),
    shutdownVm: (id) => call(remote.shutdownVm(id)),
    stopVm: (id) => call(remote.stopVm(id)),
    pauseVm: (id) => call(remote.pauseVm(id)),
    resumeVm: (id) => call(remote.resumeVm(id)),
    resetVm: (id) => call(remote.resetVm(id)),
    snapshotVm: (id, words) => work(remote.snapshotVm(id, words)),
    listSnapshots: (id) => call(remote.listSnapshots(id)),
    restoreSnapshot: (id, snapshot) => work(remote.restoreSnapshot(id, snapshot)),
    cloneVm: (id, snapshot) => work(remote.cloneVm(id, snapshot)),
    exportSnapshot: (id, snapshot) => file(remote.exportSnapshot(id, snapshot)),
    importSnapshot: (id, snapshot) => work(remote.importSnapshot(id, snapshot)),
    deleteSnapshot: (id, snapshot) => call(remote.deleteSnapshot(id, snapshot)),
    openConsole: async (id, name) => {
      const { output, input } = await call(remote.openConsole(id, name));
      const writer = input.getWriter();
      return { output: live(output), input: new WritableStream({ write: (bytes) => call(writer.write(bytes)) }) };
    },
    openDisplay: async (id) => {
      const port = await call(remote.openDisplay(id));
      gone.addEventListener("abort", () => port.close(), { once: true });
      return port;
    },
    setSound: (id, on) => call(remote.setSound(id, on)),
    openLog: async (id) => live(await call(remote.openLog(id))),
    attachDisk: (id, disk, files) => call(remote.attachDisk(id, disk, files)),
    detachDisk: (id, disk) => call(remote.detachDisk(id, disk)),
    attachNic: (id, nic) => call(remote.attachNic(id, nic)),
    detachNic: (id, nic) => call(remote.detachNic(id, nic)),
    insertMedium: (id, file, files) => call(remote.insertMedium(id, file, files)),
    ejectMedium: (id) => call(remote.ejectMedium(id)),
    hmp: (id, line) => call(remote.hmp(id, line)),
    qmp: (id, command, args) => call(remote.qmp(id, command, args)),
    qmpEvents: async (id) => live(await call(remote.qmpEvents(id))),
    timings: (id) => call(remote.timings(id)),
    statistics: (id) => call(remote.statistics(id)),
    listImages: () => call(remote.listImages()),
    createImage: (blank) => call(remote.createImage(blank)),
    importImage: (source, name) =>
      work(remote.importImage(source instanceof ReadableStream ? transfer(source, [source]) : source, name)),
    renameImage: (id, name) => call(remote.renameImage(id, name)),
    exportImage: (id) => file(remote.exportImage(id)),
    deleteImage: (id) => call(remote.deleteImage(id)),
    listDisks: (id) => call(remote.listDisks(id)),
    exportDisk: (id, disk, format) => file(remote.exportDisk(id, disk, format)),
    importOverlay: (id, disk, overlay) => work(remote.importOverlay(id, disk, overlay)),
    discardChanges: (id, disk) => call(remote.discardChanges(id, disk)),
    commitDisk: (id, disk, options) => work(remote.commitDisk(id, disk, options)),
    resizeDisk: (id, disk, virtualSize) => call(remote.resizeDisk(id, disk, virtualSize)),
    storageUsage: () => call(remote.storageUsage()),
    close,
  };
}

function unlessGone<T>(answer: Promise<T>, gone: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(gone.reason as QemuWebError);
    if (gone.aborted) return abort();
    gone.addEventListener("abort", abort, { once: true });
    answer.then(resolve, reject).finally(() => gone.removeEventListener("abort", abort));
  });
}
