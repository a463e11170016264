/**
 * One VM: a Worker that runs QEMU. QEMU's threads are Workers below this one (its main() runs on the first of them), so this
 * one's event loop stays free: it makes the memory, lays out the files that QEMU opens, and reports.
 */
import type { DiskSpec } from "../src/block/disk-image.ts";
import { type ErrorData, QemuWebError, toErrorData } from "../src/core/errors.ts";
import { MigrationChannel } from "../src/qemu/migration.ts";
import { addDisk, freezeDisks, removeDisk, serveDisk } from "./disks.ts";
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
  if (data.type === "start") start(data).catch(aborted);
  else if (data.type === "add-disk") void answer({ type: "disk-changed", disk: data.disk.disk }, addDisk(data.disk));
  else if (data.type === "remove-disk") void answer({ type: "disk-changed", disk: data.disk }, removeDisk(data.disk));
  else void answer({ type: "disks-frozen" }, freezeDisks(data.snapshot));
});

type Answer = FromWorker & { type: "disk-changed" | "disks-frozen" };

async function answer(answer: Answer, work: Promise<void>): Promise<void> {
  await work.then(
    () => report(answer),
    (thrown: unknown) => report({ ...answer, error: toErrorData(thrown) }),
  );
}

async function start({ script, module, args, files, disks, memoryBytes, state }: StartMessage): Promise<void> {
  const loading = import(/* @vite-ignore */ script) as Promise<{ default: CreateEngine }>;
  loading.catch(() => undefined); // until it is waited for
  let contents: FileContent[];
  try {
    [contents] = await Promise.all([Promise.all(files.map(read)), openAll(disks)]);
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
  let saved: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  const { default: createEngine } = await loading;
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
        layOut(engine, contents);
        saved = state && unzipped(told(state)); // while QEMU comes up, this thread has nothing else to do
        report({ type: "started", memory: wasmMemory.buffer as unknown as SharedArrayBuffer });
      },
    ],
    print: (text: string) => report({ type: "output", source: "stdout", text }),
    printErr: (text: string) => report({ type: "output", source: "stderr", text }),
    onBlock: (id: string, address: number) => {
      const failed = (disk: string, error: ErrorData) => report({ type: "disk-failed", disk, error });
      serveDisk(id, wasmMemory.buffer as unknown as SharedArrayBuffer, address, failed);
    },
    onChardev: (id: string, address: number) => report({ type: "chardev", id, address }),
    onDisplay: (address: number) => report({ type: "display", address }),
    onAudio: (address: number) => report({ type: "audio", address }),
    onMigration: (address: number, incoming: boolean) => {
      migration = new MigrationChannel(wasmMemory.buffer as unknown as SharedArrayBuffer, address);
      // QEMU tells what goes wrong on the way as its migration's failure.
      if (incoming) migration.restore(saved ?? new Blob().stream()).catch(() => undefined);
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

/** Bytes that are unzipped before QEMU reads the first of them. */
const AHEAD = 32 << 20;

/** Begins at once. */
function unzipped(bytes: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const ahead = new ByteLengthQueuingStrategy({ highWaterMark: AHEAD });
  const kept = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({}, undefined, ahead);
  return bytes.pipeThrough(new DecompressionStream("gzip") as Bytes).pipeThrough(kept);
}

/** Milliseconds between two words about progress. */
const PATIENCE = 100;

/** The bytes, which are reported as they go. */
function told(blob: Blob): ReadableStream<Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  let last = 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytes += chunk.length;
      const now = performance.now();
      if (now - last >= PATIENCE) {
        last = now;
        report({ type: "restoring", bytes });
      }
      controller.enqueue(chunk);
    },
  });
  return blob.stream().pipeThrough(count);
}

interface FileContent {
  path: string;
  content: Uint8Array;
}

/** Throws `engine-missing`. */
async function read(file: GuestFile): Promise<FileContent> {
  if ("content" in file) return file;
  try {
    const response = await fetch(file.url);
    if (!response.ok) throw new Error(`The answer was ${response.status}.`);
    return { path: file.path, content: new Uint8Array(await response.arrayBuffer()) };
  } catch (cause) {
    const message = `The built-in guest is incomplete: ${file.url} is missing.`;
    throw new QemuWebError("engine-missing", message, "Reinstall the extension.", { cause });
  }
}

async function openAll(disks: DiskSpec[]): Promise<void> {
  for (const disk of disks) await addDisk(disk);
}

/** Files go into emscripten's memory file system. */
function layOut({ FS }: EngineModule, files: FileContent[]): void {
  for (const { path, content } of files) {
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")) || "/");
    FS.writeFile(path, content, { canOwn: true });
  }
}
