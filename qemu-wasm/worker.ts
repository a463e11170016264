/**
 * One VM: a Worker that runs QEMU. QEMU's threads are Workers below this one (its main() runs on the first of them), so this
 * one's event loop stays free: it makes the memory, lays out the files that QEMU opens, and reports.
 */
import type { BlockDevice } from "../src/block/device.ts";
import { toErrorData } from "../src/core/errors.ts";
import { serveBlock } from "../src/qemu/block.ts";
import { MigrationChannel } from "../src/qemu/migration.ts";
import { openDisks, outcomeOf } from "./disks.ts";
import type { FromWorker, GuestFile, StartMessage, ToWorker } from "./protocol.ts";

/** What is used of emscripten's Module and its file system. */
interface EngineModule {
  FS: {
    mkdirTree(path: string): void;
    writeFile(path: string, data: Uint8Array, options: { canOwn: boolean }): void;
  };
}
type CreateEngine = (options: Record<string, unknown>) => Promise<EngineModule>;

const PAGE = 65536;

function report(message: FromWorker, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}

function aborted(reason: unknown): void {
  report({ type: "abort", message: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason) });
}

self.addEventListener("error", (event) => aborted(event.error ?? event.message));
self.addEventListener("unhandledrejection", (event) => aborted(event.reason));
self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  start(data).catch(aborted);
});

async function start({ script, module, args, files, disks, memoryBytes, state }: StartMessage): Promise<void> {
  let devices: Map<string, BlockDevice>;
  try {
    devices = await openDisks(disks);
  } catch (error) {
    report({ type: "refused", error: toErrorData(error) });
    return;
  }
  const pages = Math.ceil(memoryBytes / PAGE);
  let wasmMemory: WebAssembly.Memory;
  try {
    wasmMemory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    report({ type: "memory-refused", bytes: memoryBytes, message: String(error) });
    return;
  }
  let migration: MigrationChannel | undefined;
  const { default: createEngine } = (await import(/* @vite-ignore */ script)) as { default: CreateEngine };
  await createEngine({
    arguments: args,
    wasmMemory,
    mainScriptUrlOrBlob: script,
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) {
      WebAssembly.instantiate(module, imports).then((instance) => done(instance, module), aborted);
      return {};
    },
    preRun: [
      (engine: EngineModule) => {
        layOut(engine, files);
        report({ type: "started", memory: wasmMemory.buffer as unknown as SharedArrayBuffer });
      },
    ],
    print: (text: string) => report({ type: "output", source: "stdout", text }),
    printErr: (text: string) => report({ type: "output", source: "stderr", text }),
    onBlock: (id: string, address: number) => {
      const device = devices.get(id);
      if (!device) return; // QEMU says that there is none
      serveBlock(wasmMemory.buffer as unknown as SharedArrayBuffer, address, device, (error) => {
        report({ type: "disk-failed", disk: id, error: toErrorData(error) });
        return outcomeOf(error);
      });
    },
    onChardev: (id: string, address: number) => report({ type: "chardev", id, address }),
    onMigration: (address: number, incoming: boolean) => {
      migration = new MigrationChannel(wasmMemory.buffer as unknown as SharedArrayBuffer, address);
      // QEMU tells what goes wrong on the way as its migration's failure.
      if (incoming) migration.restore(unzipped(state ?? new Blob())).catch(() => undefined);
      else sendState(zipped(migration.saved()));
    },
    onMigrationClosed: () => migration?.closed(),
    onAbort: aborted,
    onExit: (status: number) => report({ type: "exit", status }),
  });
}

function sendState(state: ReadableStream<Uint8Array<ArrayBuffer>>): void {
  report({ type: "saving", state }, [state]);
}

type Bytes = TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>;

function zipped(bytes: ReadableStream<Uint8Array<ArrayBuffer>>) {
  return bytes.pipeThrough(new CompressionStream("gzip") as Bytes);
}

function unzipped(blob: Blob) {
  return blob.stream().pipeThrough(new DecompressionStream("gzip") as Bytes);
}

/** Files go into emscripten's memory file system. */
function layOut({ FS }: EngineModule, files: GuestFile[]): void {
  FS.mkdirTree("/var/tmp"); // where QEMU keeps what a disk with snapshot=on was written
  for (const { path, content } of files) {
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")) || "/");
    FS.writeFile(path, content, { canOwn: true });
  }
}
