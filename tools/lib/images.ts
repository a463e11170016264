/** Images and disks of the engine, driven from Node: what the API's streams carry goes in and out as files and bytes. */
import type { ErrorData } from "../../src/core/errors.ts";
import { QemuWebError } from "../../src/core/errors.ts";
import type { Progress } from "../../src/core/progress.ts";
import type { CommitOptions, EngineApi, ExportFormat, FileExport, ImageInfo, VmId } from "../../src/engine/api.ts";
import type { EnginePage, FileSource, PageGlobal } from "./engine-page.ts";

/** Calls that answer with their progress. */
type Work =
  | "importImage"
  | "importOverlay"
  | "commitDisk"
  | "snapshotVm"
  | "restoreSnapshot"
  | "cloneVm"
  | "importSnapshot";

type Answer<T> = { result: T } | { error: ErrorData };

function resultOf<T>(answer: Answer<T>): T {
  if ("error" in answer) throw QemuWebError.fromData(answer.error);
  return answer.result;
}

/** A call of the engine's that answers with plain data. Rejects as it does. */
export async function call<M extends keyof EngineApi>(
  engine: EnginePage,
  method: M,
  ...args: Parameters<EngineApi[M]>
): Promise<Awaited<ReturnType<EngineApi[M]>>> {
  const answer = await engine.page.evaluate(
    async ({ method, args }) => {
      const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
      const work = engine[method] as (...args: unknown[]) => Promise<unknown>;
      return work(...args).then(
        (result) => ({ result }),
        ({ code, message, hint }: ErrorData) => ({ error: { code, message, hint } }),
      );
    },
    { method, args },
  );
  return resultOf(answer as Answer<Awaited<ReturnType<EngineApi[M]>>>);
}

/** Takes a file, or what is at an address, into the library. */
export function importImage(engine: EnginePage, name: string, source: FileSource | URL): Promise<ImageInfo> {
  if (source instanceof URL) return work(engine, "importImage", [{ url: source.href, link: true }, name]);
  return engine.withFile(name, source, () => work(engine, "importImage", [null, name], name));
}

export function importOverlay(engine: EnginePage, vm: VmId, disk: string, source: FileSource): Promise<unknown> {
  return engine.withFile("overlay", source, () => work(engine, "importOverlay", [vm, disk, null], "overlay"));
}

export function commitDisk(engine: EnginePage, vm: VmId, disk: string, options: CommitOptions): Promise<ImageInfo> {
  return work(engine, "commitDisk", [vm, disk, options]);
}

/** A disk's file, zeroes and all. */
export function exportDisk(engine: EnginePage, vm: VmId, disk: string, format: ExportFormat): Promise<Buffer> {
  return save(engine, "exportDisk", [vm, disk, format]);
}

/** What the engine exports, whole. */
export async function save(
  engine: EnginePage,
  method: "exportDisk" | "exportSnapshot",
  args: unknown[],
): Promise<Buffer> {
  const answer = await engine.page.evaluate(
    async ({ method, args }) => {
      const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
      const base64 = async (bytes: Uint8Array<ArrayBuffer>) => {
        const url = await new Promise<string>((resolve) => {
          const reader = new FileReader();
          reader.onload = () => resolve(String(reader.result));
          reader.readAsDataURL(new Blob([bytes]));
        });
        return url.slice(url.indexOf(",") + 1);
      };
      const save = async ({ size, chunks }: FileExport) => {
        const parts: { position: number; data: string }[] = [];
        const reader = chunks.getReader();
        for (let next = await reader.read(); !next.done; next = await reader.read()) {
          const chunk = next.value;
          if (chunk.type === "write") parts.push({ position: chunk.position, data: await base64(chunk.data) });
        }
        return { result: { size, parts } };
      };
      const failed = ({ code, message, hint }: ErrorData) => ({ error: { code, message, hint } });
      const start = engine[method] as (...args: unknown[]) => Promise<FileExport>;
      return start(...args)
        .then(save)
        .catch(failed);
    },
    { method, args },
  );
  const { size, parts } = resultOf(answer);
  const file = Buffer.alloc(size);
  for (const { position, data } of parts) file.set(Buffer.from(data, "base64"), position);
  return file;
}

/** Reads long work to its end. `file` names a file of `withFile`, which takes the place of null among `args`. */
export async function work<T>(engine: EnginePage, method: Work, args: unknown[], file?: string): Promise<T> {
  const answer = await engine.page.evaluate(
    async ({ method, args, file }) => {
      const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
      const input = document.querySelector<HTMLInputElement>(`input[data-file="${CSS.escape(file ?? "")}"]`);
      const given = args.map((arg) => (arg === null ? input?.files?.[0] : arg));
      const start = engine[method] as (...args: unknown[]) => Promise<ReadableStream<Progress<unknown>>>;
      const read = async (stream: ReadableStream<Progress<unknown>>) => {
        const reader = stream.getReader();
        for (;;) {
          const { value } = await reader.read();
          if (value?.type !== "progress") return { result: value?.result };
        }
      };
      const failed = ({ code, message, hint }: ErrorData) => ({ error: { code, message, hint } });
      return start(...given)
        .then(read)
        .catch(failed);
    },
    { method, args, file },
  );
  return resultOf(answer as Answer<T>);
}
