import type { CursorImage } from "../../engine/api.ts";

const drawn = new WeakMap<CursorImage, string>();

/** The `cursor` property that gives the pointer the guest's shape; the system's where the guest has set none. */
export function cursorStyle(image: CursorImage | undefined, visible: boolean): string {
  if (!image) return "default";
  if (!visible) return "none";
  let url = drawn.get(image);
  if (url === undefined) {
    const canvas = document.createElement("canvas");
    cursorCanvas(canvas, image);
    url = canvas.toDataURL();
    drawn.set(image, url);
  }
  return `url(${url}) ${image.hotX} ${image.hotY}, default`;
}

/** Draws the guest's pointer to a canvas of its size. */
export function cursorCanvas(canvas: HTMLCanvasElement, { width, height, pixels }: CursorImage): void {
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(pixels), width, height), 0, 0);
}
