/** Pictures and films of a canvas, handed to the user as downloads. */

import { saveBlob } from "../save-blob.ts";

/** `2026-11-21 14.35.02`: sorts, and is allowed in every system's file names. */
function stamp(now = new Date()): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${date} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`;
}

/** What the canvas shows, as a PNG. */
export async function screenshot(canvas: HTMLCanvasElement, name: string): Promise<void> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob) saveBlob(blob, `${name} ${stamp()}.png`);
}

/** Films the canvas until `stop` is called, which hands over a WebM. */
export class Recorder {
  readonly #recorder: MediaRecorder;
  readonly #chunks: Blob[] = [];

  constructor(canvas: HTMLCanvasElement, name: string) {
    const type = ["video/webm;codecs=vp9", "video/webm"].find((type) => MediaRecorder.isTypeSupported(type));
    this.#recorder = new MediaRecorder(canvas.captureStream(), {
      ...(type && { mimeType: type }),
      videoBitsPerSecond: 8_000_000,
    });
    this.#recorder.ondataavailable = ({ data }) => this.#chunks.push(data);
    this.#recorder.onstop = () => saveBlob(new Blob(this.#chunks, { type: "video/webm" }), `${name} ${stamp()}.webm`);
    this.#recorder.start(1000);
  }

  stop(): void {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    for (const track of this.#recorder.stream.getTracks()) track.stop();
  }
}
