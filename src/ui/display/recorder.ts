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

/** Milliseconds after which a picture that stays the same is filmed again: the browser films a canvas when it is drawn to. */
const STILL = 250;
/** Milliseconds that the browser gets for the first picture, once the film is to end. */
const PATIENCE = 2000;

/** Films the canvas until `stop` is called, which hands over a WebM. */
export class Recorder {
  readonly #canvas: HTMLCanvasElement;
  readonly #recorder: MediaRecorder;
  readonly #chunks: Blob[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #stopping = false;

  constructor(canvas: HTMLCanvasElement, name: string) {
    this.#canvas = canvas;
    const type = ["video/webm;codecs=vp9", "video/webm"].find((type) => MediaRecorder.isTypeSupported(type));
    this.#recorder = new MediaRecorder(canvas.captureStream(), {
      ...(type && { mimeType: type }),
      videoBitsPerSecond: 8_000_000,
    });
    this.#recorder.ondataavailable = ({ data }) => this.#take(data);
    this.#recorder.onstop = () => saveBlob(new Blob(this.#chunks, { type: "video/webm" }), `${name} ${stamp()}.webm`);
    this.#recorder.start(STILL);
    this.#timer = setInterval(() => this.#redraw(), STILL);
    this.#redraw();
  }

  /** Ends with what the canvas shows now. */
  stop(): void {
    this.#stopping = true;
    this.#redraw();
    setTimeout(() => this.#end(), PATIENCE);
  }

  /** A film without a picture is no film: the first may take the browser a while. */
  #take(data: Blob): void {
    if (data.size > 0) this.#chunks.push(data);
    if (this.#stopping && this.#chunks.length > 0) this.#end();
  }

  #end(): void {
    clearInterval(this.#timer);
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    for (const track of this.#recorder.stream.getTracks()) track.stop();
  }

  /** Draws a pixel onto itself. */
  #redraw(): void {
    this.#canvas.getContext("2d")?.drawImage(this.#canvas, 0, 0, 1, 1, 0, 0, 1, 1);
  }
}
