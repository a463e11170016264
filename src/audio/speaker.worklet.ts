/** Runs on the browser's audio thread, where nothing may wait: plays what the guest's sound card gives. */
import { Playout, type SoundPlace } from "./playout.ts";
import { SPEAKER } from "./speaker-name.ts";

/** The parts of an AudioWorklet's scope that are used here; TypeScript's library has none of it. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: SoundPlace }) => AudioWorkletProcessor,
): void;

class Speaker extends AudioWorkletProcessor {
  readonly #playout: Playout;

  constructor({ processorOptions }: { processorOptions: SoundPlace }) {
    super();
    this.#playout = new Playout(processorOptions);
  }

  process(_inputs: unknown, [output]: Float32Array[][]): boolean {
    const [left, right] = output ?? [];
    if (left && right) this.#playout.fill(left, right);
    return true;
  }
}

registerProcessor(SPEAKER, Speaker);
