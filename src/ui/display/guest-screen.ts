import "./screen.css";
import { createStore } from "../store.ts";
import { DisplaySession } from "./display-session.ts";
import { canvasSink } from "./frame-sink.ts";
import { cursorCanvas, cursorStyle } from "./guest-cursor.ts";
import { sendKeys } from "./keyboard.ts";
import { sendPointer } from "./pointer.ts";
import { Typist } from "./typist.ts";

export interface ScreenStatus {
  /** Keys go to the guest. */
  captured: boolean;
  /** The pointer does too, wherever it is. */
  locked: boolean;
  /** `exact`: one pixel of the guest's is one of this screen's. */
  scale: "fit" | "exact";
}

/** A guest's screen in an element of its own, with what is typed and pointed there; it takes frames while it exists. */
export class GuestScreen {
  readonly canvas = document.createElement("canvas");
  readonly session: DisplaySession;
  readonly typist: Typist;
  readonly status = createStore((state: ScreenStatus, change: Partial<ScreenStatus>) => ({ ...state, ...change }), {
    captured: false,
    locked: false,
    scale: "fit",
  });
  readonly #host = document.createElement("div");
  /** Has the focus while keys go to the guest: DevTools leaves the keys of a field alone. */
  readonly #keys = document.createElement("textarea");
  /** The guest's pointer, where the system's is locked away. */
  readonly #pointer = document.createElement("canvas");
  readonly #gone = new AbortController();
  #onRelease: () => void = () => {};

  constructor(name: string, open: () => Promise<MessagePort>) {
    this.session = new DisplaySession(open, canvasSink(this.canvas));
    this.typist = new Typist((message) => this.session.send(message));
    this.#host.className = "screen";
    this.canvas.className = "screen-canvas";
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `Screen of ${name}`);
    this.#keys.className = "screen-keys";
    this.#keys.setAttribute("aria-label", `Keyboard of ${name}`);
    this.#pointer.className = "screen-pointer";
    this.#host.append(this.#keys, this.canvas, this.#pointer);
    this.#connectInput();
    this.session.status.subscribe(() => this.#show());
    this.status.subscribe(() => this.#show());
    this.#show();
  }

  /** Shows the screen in `container` until the returned function is called; `onRelease` when the user leaves the guest. */
  attach(container: HTMLElement, onRelease: () => void): () => void {
    this.#onRelease = onRelease;
    container.append(this.#host);
    const observer = new ResizeObserver(() => this.#show());
    observer.observe(container);
    return () => {
      observer.disconnect();
      this.#host.remove();
    };
  }

  focus(): void {
    this.#keys.focus({ preventScroll: true });
  }

  async fullScreen(): Promise<void> {
    await this.#host.requestFullscreen();
    this.focus();
    // Escape, Alt+Tab and the like are the guest's then; a page that may not have them goes without.
    await (navigator as { keyboard?: { lock(): Promise<void> } }).keyboard?.lock().catch(() => undefined);
  }

  dispose(): void {
    this.#gone.abort();
    this.typist.cancel();
    this.session.dispose();
    this.#host.remove();
  }

  #connectInput(): void {
    const { signal } = this.#gone;
    const send = (message: Parameters<DisplaySession["send"]>[0]) => this.session.send(message);
    const release = () => {
      document.exitPointerLock();
      this.#keys.blur();
      this.#onRelease();
    };
    sendKeys(this.#keys, { send, onRelease: release }, signal);
    const absolute = () => this.session.status.get().absolute;
    const size = () => this.session.status.get().size;
    sendPointer(this.canvas, { send, absolute, size, onPress: () => this.focus() }, signal);
    this.#keys.addEventListener("focus", () => this.status.dispatch({ captured: true }), { signal });
    this.#keys.addEventListener("blur", () => this.status.dispatch({ captured: false }), { signal });
    const onLock = () => this.status.dispatch({ locked: document.pointerLockElement === this.canvas });
    document.addEventListener("pointerlockchange", onLock, { signal });
  }

  /** Places the canvas and the guest's pointer. */
  #show(): void {
    const { size, absolute, cursor, pointer } = this.session.status.get();
    const { locked, scale } = this.status.get();
    this.#host.hidden = size === undefined;
    this.#host.dataset.scale = scale;
    if (!size) return;
    const { clientWidth, clientHeight } = this.#host;
    const fitting = Math.min(clientWidth / size.width, clientHeight / size.height);
    const factor = scale === "exact" ? 1 / devicePixelRatio : fitting;
    if (factor > 0) {
      this.canvas.style.width = `${size.width * factor}px`;
      this.canvas.style.height = `${size.height * factor}px`;
    }
    this.canvas.dataset.crisp = String(Number.isInteger(factor * devicePixelRatio));
    this.canvas.style.cursor = cursorStyle(absolute ? cursor : undefined, pointer.visible);
    const shown = locked && cursor !== undefined && pointer.visible;
    this.#pointer.hidden = !shown;
    if (!shown) return;
    cursorCanvas(this.#pointer, cursor);
    const { offsetLeft, offsetTop } = this.canvas;
    this.#pointer.style.translate = `${offsetLeft + pointer.x * factor}px ${offsetTop + pointer.y * factor}px`;
  }
}
