import type { ImageLibrary } from "../block/image-library.ts";
import type { OverlayStore } from "../block/overlay-store.ts";
import type { StorageUsage } from "../model/image.ts";
import type { Registry } from "./registry.ts";

/** What takes the browser's storage. The parts needn't add up to what is used: databases have overhead, and room to spare. */
export async function storageUsage(
  registry: Registry,
  library: ImageLibrary,
  overlays: OverlayStore,
): Promise<StorageUsage> {
  const [estimate, images, kept] = await Promise.all([navigator.storage.estimate(), library.list(), overlays.list()]);
  return {
    quota: estimate.quota ?? 0,
    used: estimate.usage ?? 0,
    images: images.map(({ id, bytes }) => ({ id, bytes: bytes.from === "file" ? bytes.size : 0 })),
    overlays: kept.map(({ vm, disk, bytes }) => ({ vm, disk, bytes })),
    files: registry.list().map(({ id }) => {
      const files = Object.values(registry.get(id).record.files);
      return { vm: id, bytes: files.reduce((sum, file) => sum + file.size, 0) };
    }),
  };
}
