import { fileChunks } from "../block/data-pieces.ts";
import type { BlockDevice } from "../block/device.ts";
import { type DiskSpec, openBase, openDisk, qcow2Room } from "../block/disk-image.ts";
import { diskBusy, imageUnsupported } from "../block/errors.ts";
import { FileDevice } from "../block/file.ts";
import { openGuestView } from "../block/guest-view.ts";
import type { ImageRecord } from "../block/image-database.ts";
import { type ImageLibrary, told } from "../block/image-library.ts";
import { inspectImage } from "../block/inspect.ts";
import { BLOCK, MAX_DISK } from "../block/overlay.ts";
import type { OverlayStore, OverlaySummary } from "../block/overlay-store.ts";
import { qcow2End } from "../block/qcow2/end.ts";
import { checkGrowable, growQcow2 } from "../block/qcow2/grow.ts";
import { parseQcow2Header, readQcow2Header } from "../block/qcow2/header.ts";
import { planQcow2, writeQcow2 } from "../block/qcow2/write.ts";
import { QemuWebError, toErrorData } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import type { CommitOptions, DiskInfo, ExportFormat, FileChunk, FileExport, ImageInfo } from "../model/image.ts";
import type { Disk } from "../model/profile.ts";
import type { VmId } from "../model/vm.ts";
import { byteCounter } from "./byte-counter.ts";
import type { EngineFiles } from "./engine-files.ts";
import { exportFile } from "./export-file.ts";
import { diskImage } from "./guest-files.ts";
import type { Images } from "./images.ts";
import { jobStream } from "./job-stream.ts";
import type { Registry } from "./registry.ts";
import type { VmRecord } from "./vm.ts";

export interface DisksDeps {
  registry: Registry;
  images: Images;
  library: ImageLibrary;
  overlays: OverlayStore;
  engine: EngineFiles;
}

interface Copy {
  source: BlockDevice;
  /** Bytes of the file. */
  size: number;
  chunks: AsyncGenerator<FileChunk>;
}

/** The disks of VMs that are off: what is in them, and what becomes of it. The contract is `EngineApi`'s. */
export class Disks {
  readonly #deps: DisksDeps;

  constructor(deps: DisksDeps) {
    this.#deps = deps;
  }

  async list(vm: VmId): Promise<DiskInfo[]> {
    const { record } = this.#deps.registry.get(vm);
    const overlays = await this.#deps.overlays.list();
    return Promise.all(
      record.profile.disks.map((disk) =>
        this.#info(
          record,
          disk,
          overlays.find((overlay) => overlay.vm === vm && overlay.disk === disk.id),
        ),
      ),
    );
  }

  async export(vm: VmId, disk: string, format: ExportFormat, gone: AbortSignal): Promise<FileExport> {
    const { record, profile } = await this.#find(vm, disk);
    const name = `${record.profile.name} ${disk}`;
    if (format === "overlay") {
      const { size, stream } = await this.#deps.overlays.export(vm, disk, gone);
      const reader = stream.getReader();
      const left = () => reader.cancel();
      return exportFile({ name: `${name}.qwov`, size, chunks: inOrder(reader), left, gone });
    }
    const { size, chunks, source } = await this.#copy(await this.#spec(record, profile), format, gone);
    const extension = format === "raw" ? "img" : "qcow2";
    return exportFile({ name: `${name}.${extension}`, size, chunks, left: () => source.close(), gone });
  }

  importOverlay(vm: VmId, disk: string, file: Blob, gone: AbortSignal): ReadableStream<Progress<DiskInfo>> {
    return jobStream(async (job) => {
      const { record, profile } = await this.#find(vm, disk);
      const { image, base } = await openBase(await this.#spec(record, profile));
      await image.close();
      await this.#deps.overlays.import(
        vm,
        disk,
        base,
        file.stream().pipeThrough(byteCounter(job, file.size)()),
        job.signal,
      );
      return this.#changed(vm, disk);
    }, gone);
  }

  async discard(vm: VmId, disk: string): Promise<void> {
    await this.#find(vm, disk);
    await this.#deps.overlays.remove(vm, disk);
    this.#deps.registry.events.storageChanged();
  }

  commit(vm: VmId, disk: string, options: CommitOptions, gone: AbortSignal): ReadableStream<Progress<ImageInfo>> {
    return jobStream(async (job) => {
      const { record, profile } = await this.#find(vm, disk);
      const { library, images, registry } = this.#deps;
      const isRaw = profile.format === "raw";
      const spec = await this.#spec(record, profile);
      const { size, chunks, source } = await this.#copy(spec, isRaw ? "raw" : "qcow2", job.signal);
      let image: ImageRecord;
      try {
        image = await library.add(options.name, told(chunks, size, job), job, isRaw);
      } finally {
        await source.close();
      }
      if (options.attach) await this.#attach(vm, disk, image);
      registry.events.storageChanged();
      return images.info(image);
    }, gone);
  }

  async resize(vm: VmId, disk: string, virtualSize: number): Promise<DiskInfo> {
    const { record, profile } = await this.#find(vm, disk);
    const spec = await this.#spec(record, profile);
    const [now] = (await this.list(vm)).filter((info) => info.disk === disk);
    checkSize(virtualSize, now?.virtualSize ?? 0, profile);
    const { image, base } = await openBase(spec);
    await image.close();
    if (profile.format === "raw") await this.#deps.overlays.grow(vm, disk, base, virtualSize);
    else await this.#growQcow2({ ...spec, persistent: true }, virtualSize);
    return this.#changed(vm, disk);
  }

  /** Forgets what was written to disks that are no more. */
  async sweep(): Promise<void> {
    const { overlays, registry, library } = this.#deps;
    for (const { vm, disk } of await overlays.list()) {
      // One that is in use is none of ours, whatever it is.
      if (!registry.owns(vm, disk)) await overlays.remove(vm, disk).catch(() => undefined);
    }
    await library.sweep();
  }

  /** The disk and its VM, which is off. */
  async #find(vm: VmId, id: string): Promise<{ record: VmRecord; profile: Disk }> {
    const found = this.#deps.registry.get(vm);
    const { record, isOff } = found;
    const profile = record.profile.disks.find((disk) => disk.id === id);
    if (!profile) throw new QemuWebError("no-such-disk", `The VM has no disk ${id}.`, "Choose another of its disks.");
    if (!isOff) throw diskBusy(`The disk ${id}`);
    await found.snapshots.ready();
    return { record, profile };
  }

  async #spec({ id, files }: VmRecord, disk: Disk): Promise<DiskSpec> {
    const sources = { user: files, packaged: this.#deps.engine, images: this.#deps.library };
    return {
      vm: id,
      disk: disk.id,
      image: await diskImage(disk.file, sources),
      format: disk.format,
      persistent: false,
    };
  }

  /** The disk goes on over the image, under another id: what is kept of the old one fits no more. */
  #attach(vm: VmId, disk: string, { id: image, format }: ImageRecord): Promise<unknown> {
    const { registry } = this.#deps;
    return registry.exclusive(async () => {
      const { profile } = registry.get(vm).record;
      const disks = profile.disks.map(({ id, ...rest }) =>
        id === disk ? { ...rest, file: { from: "image", id: image }, format } : { id, ...rest },
      );
      // A disk without an id gets one.
      return registry.updateInTurn(vm, { ...profile, disks: disks as Disk[] });
    });
  }

  /** What an export or a commit of a disk is made of; `source` is to be closed when it is done. */
  async #copy(spec: DiskSpec, as: "raw" | "qcow2", signal: AbortSignal): Promise<Copy> {
    const { overlays } = this.#deps;
    // A qcow2 file leaves as it is, with what only QEMU knows in it.
    const isFile = as === "qcow2" && spec.format === "qcow2";
    const source = isFile ? await openDisk(spec, overlays) : await openGuestView(spec, overlays, signal);
    try {
      if (as === "raw") return { source, size: source.size, chunks: fileChunks(source, signal) };
      if (isFile) {
        const size = Math.min(source.size, Math.max(await qcow2End(source, signal), dataEnd(source)));
        return { source, size, chunks: fileChunks(source, signal, size) };
      }
      const layout = await planQcow2(source, signal);
      return { source, size: layout.size, chunks: writeQcow2(source, layout, signal) };
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  async #growQcow2(spec: DiskSpec, virtualSize: number): Promise<void> {
    const { overlays } = this.#deps;
    const { image, base } = await openBase(spec);
    const { size } = image;
    await image.close();
    const before = await openDisk({ ...spec, persistent: false }, overlays);
    try {
      checkGrowable(await readQcow2Header(before), virtualSize);
    } finally {
      await before.close();
    }
    await overlays.grow(spec.vm, spec.disk, base, qcow2Room(size, virtualSize));
    const disk = await openDisk(spec, overlays);
    try {
      await growQcow2(disk, virtualSize);
    } finally {
      await disk.close();
    }
  }

  async #changed(vm: VmId, disk: string): Promise<DiskInfo> {
    this.#deps.registry.events.storageChanged();
    const info = (await this.list(vm)).find((info) => info.disk === disk);
    return info ?? Promise.reject(new QemuWebError("no-such-disk", `The VM has no disk ${disk}.`, "It was detached."));
  }

  async #info(record: VmRecord, disk: Disk, overlay: OverlaySummary | undefined): Promise<DiskInfo> {
    const { id, file, format, access } = disk;
    const info: DiskInfo = { vm: record.id, disk: id, name: nameOf(disk), format, interface: disk.interface, access };
    if (this.#deps.registry.get(record.id).isHotPlugged(id)) info.hotPlugged = true;
    try {
      if (file.from === "image") info.name = (await this.#deps.library.get(file.id)).name;
      const { size, virtualSize } = await this.#sizes(record, disk, overlay);
      info.virtualSize = virtualSize;
      const isResized = format === "raw" && overlay !== undefined && overlay.size !== size;
      if (overlay && (!overlay.isEmpty || isResized)) {
        info.changes = { bytes: overlay.bytes, written: overlay.flushed };
      }
    } catch (thrown) {
      const { message, hint } = toErrorData(thrown);
      info.problem = `${message} ${hint}`;
    }
    return info;
  }

  /** Of the image below, bytes, and what a guest sees of the disk. */
  async #sizes(record: VmRecord, { id, file, format }: Disk, overlay: OverlaySummary | undefined) {
    const known = file.from === "image" ? await this.#deps.library.get(file.id) : undefined;
    // What the guest, or a resize, made of a qcow2 image's header lies in the overlay's first block.
    const block = format !== "raw" && overlay ? await this.#deps.overlays.peek(record.id, id, 0) : undefined;
    if (block && overlay) {
      return { size: 0, virtualSize: parseQcow2Header(block.subarray(0, 512), overlay.size).virtualSize };
    }
    const size = known?.virtualSize ?? (await this.#fileSize(record, file, format));
    return { size, virtualSize: format === "raw" && overlay ? overlay.size : size };
  }

  /** What a guest sees of a file that is stored with the VM, or ships with the extension. */
  async #fileSize({ files }: VmRecord, file: Disk["file"], format: Disk["format"]): Promise<number> {
    const sources = { user: files, packaged: this.#deps.engine, images: this.#deps.library };
    const image = await diskImage(file, sources);
    if (image.from !== "blob") return 0;
    if (format === "raw") return image.blob.size;
    return (await inspectImage(new FileDevice(image.blob))).virtualSize;
  }
}

function nameOf({ file }: Disk): string {
  return file.from === "image" ? "Image of the library" : file.name;
}

/** Bytes up to the last block that isn't known to be zeroes. */
function dataEnd(disk: BlockDevice): number {
  let end = Math.ceil(disk.size / BLOCK) * BLOCK;
  while (end > 0 && disk.isHole(end - BLOCK, Math.min(BLOCK, disk.size - end + BLOCK))) end -= BLOCK;
  return Math.min(end, disk.size);
}

function checkSize(wanted: number, now: number, { access }: Disk): void {
  if (access !== "persistent") {
    throw imageUnsupported("is of a disk whose changes are not kept", "Let the disk keep its changes; then resize it.");
  }
  if (Number.isInteger(wanted / 512) && wanted >= now && wanted <= MAX_DISK) return;
  throw imageUnsupported(
    `would be ${wanted} bytes long`,
    `Choose a multiple of 512 from ${now} bytes, which it has, to 8 TiB: a disk only grows.`,
  );
}

async function* inOrder(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>): AsyncGenerator<FileChunk> {
  let position = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    yield { type: "write", position, data: next.value };
    position += next.value.length;
  }
  yield { type: "truncate", size: position };
}
