/** Has the browser play what a guest plays: the TypeScript half of `-audiodev web` (qemu-wasm/web/audio.c). */
import { frequency, type SoundPlace, silence } from "./playout.ts";
import processor from "./speaker.worklet.ts?worker&url";
import { SPEAKER } from "./speaker-name.ts";

export interface Speaker {
  close(): Promise<void>;
}

/** Resolves when the guest is heard. Rejects when the browser plays nothing. */
export async function openSpeaker(place: SoundPlace): Promise<Speaker> {
  const context = new AudioContext({ sampleRate: frequency(place), latencyHint: "interactive" });
  try {
    await context.audioWorklet.addModule(processor);
    const options = { numberOfInputs: 0, outputChannelCount: [2], processorOptions: place };
    const node = new AudioWorkletNode(context, SPEAKER, options);
    node.connect(context.destination);
    await context.resume();
    const close = async () => {
      silence(place);
      node.disconnect(); // and so it is not collected before
      await context.close();
    };
    return { close };
  } catch (error) {
    await context.close();
    throw error;
  }
}
