import type { FromWorker, StartMessage, ToWorker } from "../../qemu-wasm/protocol.ts";

/** The part of a Worker that the host uses; unit tests give their own. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  terminate(): void;
}

export type SpawnWorker = () => WorkerLike;

/** A real VM Worker; the bundler follows this very expression to qemu-wasm/worker.ts. */
export const spawnWorker: SpawnWorker = () =>
  new Worker(new URL("../../qemu-wasm/worker.ts", import.meta.url), { type: "module", name: "vm" });

/** Starts an engine in a Worker of its own. Everything that kills the Worker arrives as `abort`. */
export function startWorker(spawn: SpawnWorker, start: StartMessage, on: (message: FromWorker) => void): WorkerLike {
  const worker = spawn();
  const abort = (message: string) => on({ type: "abort", message });
  worker.addEventListener("message", (event) => on((event as MessageEvent<FromWorker>).data));
  worker.addEventListener("error", (event) => abort((event as ErrorEvent).message || "the Worker could not be loaded"));
  worker.addEventListener("messageerror", () => abort("a message of the Worker could not be read"));
  worker.postMessage(start);
  return worker;
}
