import { Damage } from "../display/damage.ts";
import type { GuestDisplay, Screen } from "../display/display.ts";
import { ABSOLUTE_MAX, type GuestInput, type InputButton } from "../display/input.ts";
import { QCODES } from "../display/keys.ts";
import type { FromDisplay, ToDisplay } from "../model/display.ts";

/** Frames that a viewer may have before it has drawn them: one that it draws, and one on its way. */
const CREDIT = 2;

/** One viewer of a screen: what it has not been sent yet, and what it holds down. */
export class DisplayViewer {
  readonly #port: MessagePort;
  readonly #damage = new Damage();
  readonly #down = new Map<string, GuestInput>();
  #credit = CREDIT;
  #screen: Screen | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** Whether it would draw a frame now. */
  get ready(): boolean {
    return this.#credit > 0;
  }

  /** What the guest shows now; `before` is what it showed last, if this viewer knows it. */
  screen(guest: GuestDisplay, screen: Screen, before?: Screen): void {
    this.#screen = screen;
    const { width, height, absolute, cursor } = screen;
    if (screen.generation !== before?.generation) this.#damage.addAll(width, height);
    else for (const rect of screen.dirty) this.#damage.add(rect);
    if (cursor.generation !== before?.cursor.generation) this.#sendCursor(guest);
    const { visible, x, y } = cursor;
    const moved = visible !== before?.cursor.visible || x !== before.cursor.x || y !== before.cursor.y;
    if (moved || absolute !== before?.absolute) this.#post({ type: "pointer", absolute, visible, x, y });
    this.#sendFrame(guest);
  }

  /** There is no screen any more. */
  off(): void {
    this.#screen = undefined;
    this.#damage.take();
    this.#down.clear();
    this.#post({ type: "off" });
  }

  drawn(guest: GuestDisplay | undefined): void {
    this.#credit = Math.min(CREDIT, this.#credit + 1);
    if (guest && this.#screen) this.#sendFrame(guest);
  }

  /** What the guest gets of a viewer's message, given the screen that it aims at. */
  input(message: ToDisplay, screen: Screen | undefined): GuestInput[] {
    switch (message.type) {
      case "key": {
        const key = QCODES.get(message.code);
        return key === undefined ? [] : [this.#hold(key, { kind: "key", key, down: message.down })];
      }
      case "button": {
        const { button, down } = message;
        return [this.#hold(`button ${button}`, { kind: "button", button, down })];
      }
      case "move":
        if (!screen) return [];
        return [{ kind: "absolute", x: absolute(message.x, screen.width), y: absolute(message.y, screen.height) }];
      case "motion":
        return [{ kind: "relative", x: Math.round(message.x), y: Math.round(message.y) }];
      case "wheel":
        return [...notches(message.x, "wheel-left", "wheel-right"), ...notches(message.y, "wheel-up", "wheel-down")];
      case "release":
        return this.release();
      case "drawn":
        return [];
    }
  }

  /** Lets go of all that this viewer holds down. */
  release(): GuestInput[] {
    const held = [...this.#down.values()];
    this.#down.clear();
    return held.map((input) => ("down" in input ? { ...input, down: false } : input));
  }

  #hold(name: string, input: GuestInput & { down: boolean }): GuestInput {
    if (input.down) this.#down.set(name, input);
    else this.#down.delete(name);
    return input;
  }

  #sendFrame(guest: GuestDisplay): void {
    if (this.#credit === 0 || this.#damage.empty || !this.#screen) return;
    this.#credit--;
    const { width, height } = this.#screen;
    const rects = this.#damage.take();
    const pixels = guest.pixels(rects);
    this.#post({ type: "frame", width, height, rects, pixels }, [pixels]);
  }

  #sendCursor(guest: GuestDisplay): void {
    const image = guest.cursorImage();
    if (image) this.#post({ type: "cursor", image }, [image.pixels]);
    else this.#post({ type: "cursor" });
  }

  #post(message: FromDisplay, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

/** A pixel as an absolute position: the last pixel is the highest one. */
function absolute(pixel: number, size: number): number {
  const last = Math.max(1, size - 1);
  return Math.round((Math.min(Math.max(pixel, 0), last) * ABSOLUTE_MAX) / last);
}

function notches(count: number, less: InputButton, more: InputButton): GuestInput[] {
  const button = count < 0 ? less : more;
  return Array.from({ length: Math.abs(Math.trunc(count)) }, () => [
    { kind: "button", button, down: true } as const,
    { kind: "button", button, down: false } as const,
  ]).flat();
}
