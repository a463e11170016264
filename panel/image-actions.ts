import { QemuWebError } from "../src/core/errors.ts";
import type { ImageId, ImageInfo } from "../src/engine/api.ts";
import { requestHost } from "../src/platform/host-access.ts";
import { blankImage, type DiskForm, nameOfUrl } from "../src/ui/disk-form.ts";
import { showInfo } from "../src/ui/toasts.ts";
import type { Panel } from "./state.ts";
import { attempt, runLong, save } from "./work.ts";

/** Takes files into the library, one after the other. */
export async function importFiles(panel: Panel, files: readonly File[]): Promise<void> {
  for (const file of files) {
    await attempt(panel, async () => {
      const { id, name } = await importFile(panel, file);
      panel.state.dispatch({ image: id });
      showInfo(panel.toasts, `${name} was imported.`);
    });
  }
}

export function importFile(panel: Panel, file: File, signal?: AbortSignal): Promise<ImageInfo> {
  return runLong(panel, `Importing ${file.name}`, () => panel.link.engine().importImage(file, file.name), signal);
}

/**
 * Takes the image at an address into the library; `link`: its bytes stay there. It asks Chrome for the server, so it wants a
 * user's click. Throws `file-unreadable` when the user refuses.
 */
export async function importUrl(
  panel: Panel,
  { url, name, link }: { url: string; name: string; link: boolean },
  signal?: AbortSignal,
): Promise<ImageInfo> {
  if (!(await requestHost(url))) {
    throw new QemuWebError(
      "file-unreadable",
      `QemuWeb may not read from ${URL.parse(url)?.host ?? url}.`,
      "Try again and allow it when Chrome asks, or download the image and import the file.",
    );
  }
  const begin = () => panel.link.engine().importImage({ url, link }, name);
  return runLong(panel, `${link ? "Adding" : "Downloading"} ${name}`, begin, signal);
}

/**
 * The library's image for a disk: the one that was chosen, or one that is made or imported for it. To be called in the user's
 * click. `name` is for a blank one.
 */
export async function imageFor(panel: Panel, form: DiskForm, name: string, signal?: AbortSignal): Promise<ImageInfo> {
  const engine = panel.link.engine();
  const blank = blankImage(form, name);
  if (blank) return engine.createImage(blank);
  if (form.origin === "url") {
    return importUrl(panel, { url: form.url.trim(), name: nameOfUrl(form.url), link: true }, signal);
  }
  if (form.origin === "file" && form.file) return importFile(panel, form.file, signal);
  const image = (await engine.listImages()).find((other) => other.id === form.image);
  if (image) return image;
  throw new QemuWebError("no-such-image", "The image is no longer in the library.", "Choose another one.");
}

export async function deleteImage(panel: Panel, { id }: ImageInfo): Promise<void> {
  await attempt(panel, async () => {
    const images = await panel.link.engine().listImages();
    const at = images.findIndex((image) => image.id === id);
    await panel.link.engine().deleteImage(id);
    selectImage(panel, (images[at + 1] ?? images[at - 1])?.id);
  });
}

export async function exportImage(panel: Panel, image: ImageInfo): Promise<void> {
  await save(panel, imageFileName(image), () => panel.link.engine().exportImage(image.id));
}

/** A name that says what is in the file. */
function imageFileName({ name, format }: ImageInfo): string {
  const extension = { raw: "img", vpc: "vhd", qcow2: "qcow2", vmdk: "vmdk", vdi: "vdi", vhdx: "vhdx" }[format];
  return /\.[a-z][a-z0-9]{1,4}$/i.test(name) ? name : `${name}.${extension}`;
}

export function selectImage(panel: Panel, image: ImageId | undefined): void {
  if (panel.state.get().image !== image) panel.state.dispatch({ image });
}

/** Opens the New VM dialog with the image in its place. */
export function newVmFrom(panel: Panel, image: ImageInfo): void {
  panel.state.dispatch({ dialog: { type: "new", files: [], image } });
}
