import type { FromDisplay } from "../../engine/api.ts";

export type Frame = Extract<FromDisplay, { type: "frame" }>;

/** What frames are drawn on. */
export interface FrameSink {
  draw(frame: Frame): void;
}

/** A 2D canvas, as large as the guest's screen; who shows it scales it. */
export function canvasSink(canvas: HTMLCanvasElement): FrameSink {
  const context = canvas.getContext("2d", { alpha: false });
  return {
    draw({ width, height, rects, pixels }) {
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      let at = 0;
      for (const rect of rects) {
        const bytes = 4 * rect.width * rect.height;
        const image = new ImageData(new Uint8ClampedArray(pixels, at, bytes), rect.width, rect.height);
        context?.putImageData(image, rect.x, rect.y);
        at += bytes;
      }
    },
  };
}
