import type { SoundPlace } from "../audio/playout.ts";
import type { Speaker } from "../audio/speaker.ts";
import { QemuWebError } from "../core/errors.ts";

/** Resolves when what is played there is heard. */
export type OpenSpeaker = (place: SoundPlace) => Promise<Speaker>;

/** What a VM plays, over all its runs: nobody hears it until it is turned on. */
export class Sound {
  readonly #open: OpenSpeaker;
  readonly #changed: () => void;
  #on = false;
  #place: SoundPlace | undefined;
  #heard: { place: SoundPlace; speaker: Speaker } | undefined;
  /** One thing after the other: speakers of one place must not overlap. */
  #work = Promise.resolve();

  /** `changed`: it was turned on or off, or off by itself. */
  constructor(open: OpenSpeaker, changed: () => void) {
    this.#open = open;
    this.#changed = changed;
  }

  get on(): boolean {
    return this.#on;
  }

  /** Throws `capability-missing` when the browser plays nothing; it is off then. */
  async turn(on: boolean): Promise<void> {
    this.#set(on);
    await this.#follow();
  }

  /** A run's sound card, until `signal` aborts. Rejects like `turn`. */
  async attach(place: SoundPlace, signal: AbortSignal): Promise<void> {
    this.#place = place;
    const detach = () => {
      if (this.#place !== place) return;
      this.#place = undefined;
      void this.#follow();
    };
    signal.addEventListener("abort", detach, { once: true });
    await this.#follow();
  }

  #set(on: boolean): void {
    this.#on = on;
    this.#changed();
  }

  #follow(): Promise<void> {
    const done = this.#work.then(() => this.#adjust());
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #adjust(): Promise<void> {
    const place = this.#on ? this.#place : undefined;
    if (this.#heard?.place === place) return;
    await this.#heard?.speaker.close();
    this.#heard = undefined;
    if (!place) return;
    try {
      this.#heard = { place, speaker: await this.#open(place) };
    } catch (cause) {
      this.#set(false);
      const hint = "Check that the system has a sound output, then turn the sound on again.";
      throw new QemuWebError("capability-missing", "The browser can't play the VM's sound.", hint, { cause });
    }
  }
}
