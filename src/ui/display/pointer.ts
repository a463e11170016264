import type { PointerButton, ToDisplay } from "../../engine/api.ts";

/** By MouseEvent.button. */
const BUTTONS: readonly PointerButton[] = ["left", "middle", "right", "side", "extra"];
/** Pixels of scrolling that make a notch of the guest's wheel, and lines. */
const NOTCH = { pixels: 100, lines: 3 };

export interface PointerListener {
  send(message: ToDisplay): void;
  /** Whether the guest takes positions; else the pointer is locked, and movements are sent. */
  absolute(): boolean;
  /** The guest's screen in pixels. */
  size(): { width: number; height: number } | undefined;
  /** A button went down on the screen: it is used from now on. */
  onPress(): void;
}

/** Sends the guest what the pointer does on `canvas`, until `signal` aborts. */
export function sendPointer(canvas: HTMLCanvasElement, listener: PointerListener, signal: AbortSignal): void {
  const locked = () => document.pointerLockElement === canvas;
  const wheel = { x: 0, y: 0 };
  const move = (event: PointerEvent) => {
    const size = listener.size();
    if (locked()) listener.send({ type: "motion", x: event.movementX, y: event.movementY });
    else if (size && listener.absolute()) listener.send({ type: "move", ...guestPixel(event, canvas, size) });
  };
  const button = (event: PointerEvent, down: boolean) => {
    const name = BUTTONS[event.button];
    if (name) listener.send({ type: "button", button: name, down });
  };
  const options = { signal };
  canvas.addEventListener("pointermove", move, options);
  canvas.addEventListener(
    "pointerdown",
    (event) => {
      event.preventDefault(); // or the focus would go where the press is
      listener.onPress();
      if (!listener.absolute() && !locked()) return void lock(canvas); // this press only captures
      if (!locked()) canvas.setPointerCapture(event.pointerId);
      move(event);
      button(event, true);
    },
    options,
  );
  canvas.addEventListener("pointerup", (event) => button(event, false), options);
  canvas.addEventListener("pointercancel", () => listener.send({ type: "release" }), options);
  canvas.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const notch = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? NOTCH.pixels : NOTCH.lines;
      wheel.x += event.deltaX / notch;
      wheel.y += event.deltaY / notch;
      const [x, y] = [Math.trunc(wheel.x), Math.trunc(wheel.y)];
      if (x === 0 && y === 0) return;
      wheel.x -= x;
      wheel.y -= y;
      listener.send({ type: "wheel", x, y });
    },
    { signal, passive: false },
  );
}

/** Without the system's acceleration where it can be had: the guest has its own. */
async function lock(canvas: HTMLCanvasElement): Promise<void> {
  try {
    await canvas.requestPointerLock({ unadjustedMovement: true });
  } catch {
    await Promise.resolve(canvas.requestPointerLock()).catch(() => undefined); // refused: the next press asks again
  }
}

/** The guest's pixel under the pointer, however the canvas is scaled. */
export function guestPixel(
  at: { clientX: number; clientY: number },
  canvas: Pick<HTMLCanvasElement, "getBoundingClientRect">,
  size: { width: number; height: number },
): { x: number; y: number } {
  const box = canvas.getBoundingClientRect();
  const within = (place: number, length: number, pixels: number) =>
    Math.min(pixels - 1, Math.max(0, Math.floor((place * pixels) / length)));
  return {
    x: within(at.clientX - box.left, box.width, size.width),
    y: within(at.clientY - box.top, box.height, size.height),
  };
}
