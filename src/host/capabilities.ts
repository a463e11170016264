import { toErrorData } from "../core/errors.ts";
import type { Capability, CapabilityReport } from "../model/capability.ts";
import type { EngineFiles, EngineVersions } from "./engine-files.ts";
import { hasExceptions, hasJspi, hasSimd, hasThreads, largestSharedMemory } from "./wasm-probes.ts";

const UPDATE = "Update Chrome to version 137 or later.";
const RELOAD = "Reload the extension on chrome://extensions; if it stays like this, restart Chrome.";

/** What the browser offers the engine, and what the engine is. `storeProblem`: why stored VMs can't be had, if so. */
export async function capabilityReport(engine: EngineFiles, storeProblem?: Capability): Promise<CapabilityReport> {
  const [versions, quota, found] = await Promise.all([engineItem(engine), quotaItem(), gpuItem()]);
  const items = [
    ...browserItems(),
    storeProblem ?? yesNo("indexeddb", "IndexedDB", "indexedDB" in globalThis, true, RELOAD),
    ...storageItems(),
    quota,
    found,
    versions.item,
  ];
  const report: CapabilityReport = { ok: items.every((item) => item.ok || !item.required), items };
  if (versions.engine) report.engine = engineFacts(versions.engine);
  return report;
}

function browserItems(): Capability[] {
  const memory = largestSharedMemory();
  return [
    yesNo("isolation", "Cross-origin isolation", globalThis.crossOriginIsolated === true, true, RELOAD),
    yesNo("shared-array-buffer", "SharedArrayBuffer", "SharedArrayBuffer" in globalThis, true, RELOAD),
    yesNo("threads", "WebAssembly threads", hasThreads(), true, UPDATE),
    yesNo("simd", "WebAssembly SIMD", hasSimd(), true, UPDATE),
    yesNo("exceptions", "WebAssembly exceptions", hasExceptions(), true, UPDATE),
    yesNo("jspi", "JavaScript promise integration", hasJspi(), true, UPDATE),
    yesNo("bigint", "BigInt", typeof BigInt === "function" && "BigInt64Array" in globalThis, true, UPDATE),
    figure(
      "shared-memory",
      "Largest shared memory",
      memory && `${memory} MiB`,
      true,
      "Close other tabs, or use a computer with more memory.",
    ),
  ];
}

function storageItems(): Capability[] {
  const opfs = typeof navigator.storage?.getDirectory === "function";
  return [
    yesNo("opfs", "Origin-private file system", opfs, false, UPDATE),
    yesNo("file-system-access", "File System Access", "FileSystemHandle" in globalThis, false, UPDATE),
  ];
}

async function quotaItem(): Promise<Capability> {
  const { quota } = await (navigator.storage?.estimate() ?? Promise.resolve({ quota: 0 })).catch(() => ({ quota: 0 }));
  const value = quota && `${(quota / 1e9).toFixed(1)} GB`;
  return figure("quota", "Storage quota", value, false, "Free some disk space.");
}

async function gpuItem(): Promise<Capability> {
  const gpu = "gpu" in navigator ? (navigator.gpu as { requestAdapter(): Promise<unknown> }) : undefined;
  const adapter = await gpu?.requestAdapter().catch(() => undefined);
  return yesNo(
    "webgpu",
    "WebGPU",
    Boolean(adapter),
    false,
    "Displays are drawn without it; switch on graphics acceleration in Chrome's settings.",
  );
}

async function engineItem(engine: EngineFiles): Promise<{ item: Capability; engine?: EngineVersions }> {
  const named = { id: "engine", label: "Engine", required: true };
  try {
    const versions = await engine.versions();
    return { item: { ...named, value: `QEMU ${versions.qemu}`, ok: true }, engine: versions };
  } catch (thrown) {
    return { item: { ...named, value: "missing", ok: false, hint: toErrorData(thrown).hint } };
  }
}

function engineFacts({ qemu, machines, devices, files }: EngineVersions) {
  const firmware = files.map(({ file }) => file).filter((file) => file.startsWith("firmware/"));
  return { qemu, machines, devices, firmware: firmware.map((file) => file.slice("firmware/".length)) };
}

function yesNo(id: string, label: string, ok: boolean, required: boolean, hint: string): Capability {
  return { id, label, value: ok ? "yes" : "no", ok, required, ...(!ok && { hint }) };
}

function figure(id: string, label: string, value: string | 0 | undefined, required: boolean, hint: string): Capability {
  return value ? { id, label, value, ok: true, required } : { id, label, value: "none", ok: false, required, hint };
}
