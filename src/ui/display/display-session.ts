import { type ErrorData, toErrorData } from "../../core/errors.ts";
import type { CursorImage, FromDisplay, ToDisplay } from "../../engine/api.ts";
import { createStore } from "../store.ts";
import type { FrameSink } from "./frame-sink.ts";

export interface DisplayStatus {
  link: "connecting" | "open" | "lost";
  /** Why it is lost; it opens again by itself. */
  problem?: ErrorData;
  /** The guest has a screen, and its size in pixels; before the first frame, and while the VM is off, it has none. */
  size?: { width: number; height: number } | undefined;
  /** The guest takes positions: it need not capture the pointer. */
  absolute: boolean;
  /** The guest's own pointer: its shape, and where it is. */
  cursor?: CursorImage | undefined;
  pointer: { visible: boolean; x: number; y: number };
}

const NOTHING = { size: undefined, absolute: false, cursor: undefined, pointer: { visible: false, x: 0, y: 0 } };
/** Milliseconds before a lost display is asked for again. */
const PAUSE = 1000;

/** A view of a VM's display: as long as it is there, the guest's screen is drawn to `sink`. */
export class DisplaySession {
  readonly status = createStore((state: DisplayStatus, change: Partial<DisplayStatus>) => ({ ...state, ...change }), {
    link: "connecting",
    ...NOTHING,
  });
  readonly #open: () => Promise<MessagePort>;
  readonly #sink: FrameSink;
  #port: MessagePort | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;
  /** Frames drawn so far. */
  frames = 0;

  /** @param open asks the engine for the display's port */
  constructor(open: () => Promise<MessagePort>, sink: FrameSink) {
    this.#open = open;
    this.#sink = sink;
    void this.#connect();
  }

  send(message: ToDisplay): void {
    this.#port?.postMessage(message);
  }

  /** Opens the display now if it is lost. */
  retry(): void {
    if (this.status.get().link !== "lost") return;
    clearTimeout(this.#timer);
    void this.#connect();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#port?.close();
  }

  async #connect(): Promise<void> {
    this.status.dispatch({ link: "connecting" });
    try {
      const port = await this.#open();
      if (this.#disposed) return port.close();
      this.#port = port;
      port.onmessage = ({ data }: MessageEvent<FromDisplay>) => this.#take(data);
      port.addEventListener("close", () => this.#lost(undefined));
      this.status.dispatch({ link: "open" });
    } catch (thrown) {
      this.#lost(toErrorData(thrown));
    }
  }

  /** The engine is gone, or not there yet. */
  #lost(problem: ErrorData | undefined): void {
    this.#port = undefined;
    if (this.#disposed) return;
    this.status.dispatch({ link: "lost", ...NOTHING, ...(problem && { problem }) });
    this.#timer = setTimeout(() => void this.#connect(), PAUSE);
  }

  #take(message: FromDisplay): void {
    switch (message.type) {
      case "frame": {
        this.#sink.draw(message);
        this.frames++;
        const { width, height } = message;
        const { size } = this.status.get();
        if (size?.width !== width || size.height !== height) this.status.dispatch({ size: { width, height } });
        // A page that is hidden draws no more frames, and gets none.
        requestAnimationFrame(() => this.send({ type: "drawn" }));
        break;
      }
      case "cursor":
        this.status.dispatch({ cursor: message.image });
        break;
      case "pointer": {
        const { absolute, visible, x, y } = message;
        this.status.dispatch({ absolute, pointer: { visible, x, y } });
        break;
      }
      case "off":
        this.status.dispatch(NOTHING);
    }
  }
}
