import type { OverlaySnapshots } from "../block/overlay-snapshots.ts";
import type { Progress } from "../core/progress.ts";
import type { FileChunk, FileExport } from "../model/image.ts";
import type { SnapshotFacts, SnapshotId } from "../model/snapshot.ts";
import type { VmId, VmInfo } from "../model/vm.ts";
import { exportFile } from "./export-file.ts";
import { jobStream } from "./job-stream.ts";
import type { Registry } from "./registry.ts";
import { readSnapshotFile, snapshotTrailer } from "./snapshot-file.ts";
import type { SnapshotStore } from "./snapshot-store.ts";
import type { SnapshotContents } from "./vm-snapshots.ts";

export interface SnapshotTransferDeps {
  registry: Registry;
  snapshots: SnapshotStore;
  states: OverlaySnapshots;
}

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

/** Snapshots on their way to files, out of them, and to other VMs. The contract is `EngineApi`'s. */
export class SnapshotTransfer {
  readonly #deps: SnapshotTransferDeps;

  constructor(deps: SnapshotTransferDeps) {
    this.#deps = deps;
  }

  async export(vm: VmId, id: SnapshotId, gone: AbortSignal): Promise<FileExport> {
    const { name } = this.#deps.registry.get(vm).record.profile;
    const { facts, state, disks } = await this.#contents(vm, id);
    const parts = disks.map(({ disk, size }) => ({ disk, bytes: size }));
    const trailer = await snapshotTrailer(facts, parts);
    const size = parts.reduce((sum, { bytes }) => sum + bytes, state.size + trailer.length);
    const streams = [() => state.stream(), ...disks.map(({ open }) => open), () => new Blob([trailer]).stream()];
    const chunks = inOrder(streams);
    return exportFile({ name: `${name} ${facts.name}.snapshot`, size, chunks, left: async () => {}, gone });
  }

  import(vm: VmId, file: Blob, gone: AbortSignal): ReadableStream<Progress<SnapshotFacts>> {
    return jobStream(async (job) => {
      const { facts, state, disks } = await readSnapshotFile(file);
      const parts = disks.map(({ disk, file }) => ({ disk, size: file.size, open: () => file.stream() }));
      const added = await this.#deps.registry.get(vm).snapshots.add({ facts, state, disks: parts }, job);
      this.#deps.registry.events.storageChanged();
      return added;
    }, gone);
  }

  /** A new VM with the snapshot and its disks; what fails leaves none. */
  clone(vm: VmId, id: SnapshotId, gone: AbortSignal): ReadableStream<Progress<VmInfo>> {
    const { registry } = this.#deps;
    return jobStream(async (job) => {
      const contents = await this.#contents(vm, id);
      const { profile } = contents.facts;
      const name = `${profile.name} (${contents.facts.name})`;
      const { files } = registry.get(vm).record;
      const made = await registry.create({ ...profile, name }, files);
      try {
        const clone = registry.get(made.id);
        const facts = await clone.snapshots.add(contents, job);
        if (contents.disks.length > 0) await clone.snapshots.revertDisks(facts);
        return clone.info;
      } catch (thrown) {
        await registry.delete(made.id);
        throw thrown;
      }
    }, gone);
  }

  async #contents(vm: VmId, id: SnapshotId): Promise<SnapshotContents> {
    const { snapshots, states } = this.#deps;
    const { facts, state } = await snapshots.get(vm, id);
    const disks = await Promise.all(
      (facts.disks ?? []).map(async (disk) => {
        const { size, chunks } = await states.export(vm, disk, id);
        return { disk, size, open: () => streamOf(chunks) };
      }),
    );
    return { facts, state, disks };
  }
}

function streamOf(chunks: AsyncGenerator<Uint8Array<ArrayBuffer>>): Bytes {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await chunks.return(undefined)),
    },
    { highWaterMark: 0 },
  );
}

/** The streams' bytes, one behind the other, as pieces of a file. */
async function* inOrder(streams: (() => Bytes)[]): AsyncGenerator<FileChunk> {
  let position = 0;
  for (const open of streams) {
    for await (const data of open()) {
      yield { type: "write", position, data };
      position += data.length;
    }
  }
  yield { type: "truncate", size: position };
}
