import { Pulse } from "../core/pulse.ts";
import type { GuestDisplay, Screen } from "../display/display.ts";
import type { ToDisplay } from "../model/display.ts";
import { DisplayViewer } from "./display-viewer.ts";

/**
 * The screen of a VM, over all its runs, for any number of viewers. Each has its own damage, so that a slow one holds nobody
 * back; when none is ready to draw, nothing is taken from QEMU, which then looks at nothing either.
 */
export class DisplayHub {
  readonly #viewers = new Set<DisplayViewer>();
  /** A viewer drew, came or went. */
  readonly #moved = new Pulse();
  #guest: GuestDisplay | undefined;
  #screen: Screen | undefined;

  /** Connects a running engine's display, until `signal` aborts. */
  async attach(guest: GuestDisplay, signal: AbortSignal): Promise<void> {
    this.#guest = guest;
    this.#screen = undefined;
    guest.watch(this.#viewers.size > 0);
    signal.addEventListener("abort", () => this.#moved.fire(), { once: true });
    while (await guest.published()) {
      // With nobody there it is taken, too: it would be old when somebody comes.
      while (!signal.aborted && this.#viewers.size > 0 && !this.#someoneReady()) await this.#moved.wait();
      if (signal.aborted) break;
      const before = this.#screen;
      this.#screen = guest.take();
      for (const viewer of this.#viewers) viewer.screen(guest, this.#screen, before);
    }
    if (this.#guest !== guest) return;
    this.#guest = undefined;
    this.#screen = undefined;
    for (const viewer of this.#viewers) viewer.off();
  }

  /** A viewer's end of a port, until it closes it or `signal` aborts. */
  view(signal: AbortSignal): MessagePort {
    const { port1, port2 } = new MessageChannel();
    const viewer = new DisplayViewer(port1);
    this.#viewers.add(viewer);
    const leave = () => {
      if (!this.#viewers.delete(viewer)) return;
      this.#guest?.send(viewer.release());
      if (this.#viewers.size === 0) this.#guest?.watch(false);
      port1.close();
      this.#moved.fire();
    };
    port1.onmessage = ({ data }: MessageEvent<ToDisplay>) => this.#take(viewer, data);
    port1.addEventListener("close", leave);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    if (this.#guest?.watch(this.#viewers.size > 0)) this.#screen = undefined;
    if (this.#guest && this.#screen) viewer.screen(this.#guest, this.#screen);
    else viewer.off();
    this.#moved.fire();
    return port2;
  }

  #take(viewer: DisplayViewer, message: ToDisplay): void {
    if (message.type === "drawn") {
      viewer.drawn(this.#guest);
      this.#moved.fire();
    } else {
      const input = viewer.input(message, this.#screen);
      if (input.length > 0) this.#guest?.send(input);
    }
  }

  #someoneReady(): boolean {
    for (const viewer of this.#viewers) if (viewer.ready) return true;
    return false;
  }
}
