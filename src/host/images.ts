import { fileChunks } from "../block/data-pieces.ts";
import { openBase } from "../block/disk-image.ts";
import type { ImageRecord } from "../block/image-database.ts";
import type { ImageLibrary, Job } from "../block/image-library.ts";
import { MAX_DISK } from "../block/overlay.ts";
import { QemuWebError } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import type { BlankImage, FileExport, ImageId, ImageInfo, ImageSource } from "../model/image.ts";
import type { DiskFormat, DiskSource } from "../model/profile.ts";
import { exportFile } from "./export-file.ts";
import { jobStream } from "./job-stream.ts";
import type { Registry } from "./registry.ts";

const EXTENSIONS: Record<DiskFormat, string> = {
  raw: "img",
  qcow2: "qcow2",
  vmdk: "vmdk",
  vdi: "vdi",
  vhdx: "vhdx",
  vpc: "vhd",
};

/** The library as the API shows it: with the VMs that use its images. */
export class Images {
  readonly #library: ImageLibrary;
  readonly #registry: Registry;

  constructor(library: ImageLibrary, registry: Registry) {
    this.#library = library;
    this.#registry = registry;
  }

  async list(): Promise<ImageInfo[]> {
    return (await this.#library.list()).map((image) => this.info(image));
  }

  async create(blank: BlankImage): Promise<ImageInfo> {
    const { format, virtualSize } = blank;
    const isFormat = format === "raw" || format === "qcow2";
    if (!isFormat || !Number.isInteger(virtualSize / 512) || virtualSize <= 0 || virtualSize > MAX_DISK) {
      throw new QemuWebError(
        "image-unsupported",
        `A blank image of ${virtualSize} bytes in the format ${format} can't be made.`,
        "Make it raw or qcow2, of a multiple of 512 bytes up to 8 TiB.",
      );
    }
    const image = await this.#library.create({ ...blank, name: nameOf(blank.name) }, QUIET);
    this.#registry.events.storageChanged();
    return this.info(image);
  }

  import(source: ImageSource, name: string, gone: AbortSignal): ReadableStream<Progress<ImageInfo>> {
    return jobStream((job) => this.added((job) => this.#library.import(source, nameOf(name), job), job), gone);
  }

  /** Runs work that makes an image, and tells of the image. */
  async added(work: (job: Job) => Promise<ImageRecord>, job: Job): Promise<ImageInfo> {
    const image = await work(job);
    this.#registry.events.storageChanged();
    return this.info(image);
  }

  async rename(id: ImageId, name: string): Promise<ImageInfo> {
    const image = await this.#library.rename(id, nameOf(name));
    this.#registry.events.storageChanged();
    return this.info(image);
  }

  async export(id: ImageId, gone: AbortSignal): Promise<FileExport> {
    const { name, format } = await this.#library.get(id);
    const { image } = await openBase({ image: await this.#library.open(id), format: "raw" });
    return exportFile({
      name: `${name.replace(/\.\w{2,5}$/, "")}.${EXTENSIONS[format]}`,
      size: image.size,
      chunks: fileChunks(image, gone),
      left: () => image.close(),
      gone,
    });
  }

  /** Throws `image-in-use`, which says by which VMs. */
  delete(id: ImageId): Promise<void> {
    return this.#registry.exclusive(async () => {
      const image = await this.#library.get(id);
      const users = this.info(image).users.map(({ vm }) => `"${this.#registry.get(vm).info.profile.name}"`);
      if (this.#registry.foreignNames(id)) users.push("a VM that this version can't read");
      if (users.length > 0) {
        throw new QemuWebError(
          "image-in-use",
          `The image ${image.name} is used by ${[...new Set(users)].join(", ")}.`,
          "Detach it from its VMs, or delete them, and try again.",
        );
      }
      await this.#library.remove(id);
      this.#registry.events.storageChanged();
    });
  }

  info({ id, name, format, virtualSize, created, bytes }: ImageRecord): ImageInfo {
    const uses = (source: DiskSource | null | undefined) => source?.from === "image" && source.id === id;
    const users = this.#registry
      .list()
      .flatMap(({ id: vm, profile }) => [
        ...profile.disks.filter((disk) => uses(disk.file)).map((disk) => ({ vm, disk: disk.id, access: disk.access })),
        ...(uses(profile.cdrom) ? [{ vm, disk: "cdrom0", access: "readonly" as const }] : []),
      ]);
    const source = bytes.from === "file" ? "stored" : bytes.from === "blank" ? "blank" : { url: bytes.image.url };
    const storedBytes = bytes.from === "file" ? bytes.size : 0;
    return { id, name, format, virtualSize, storedBytes, source, created, users };
  }
}

/** For work that takes no time worth telling of. */
const QUIET: Job = { signal: new AbortController().signal, progress: () => {} };

function nameOf(name: string): string {
  const short = name.trim().slice(0, 255);
  if (short) return short;
  throw new QemuWebError("image-unsupported", "An image needs a name.", "Give it one.");
}
