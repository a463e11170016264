import type { ToDisplay } from "../../engine/api.ts";
import { ReleaseChord } from "../terminal/keys.ts";

export interface KeyboardListener {
  send(message: ToDisplay): void;
  /** The user pressed the chord that leaves the guest. */
  onRelease(): void;
}

/**
 * Sends the guest every key of `element`, until `signal` aborts. Nothing of it reaches the page, or DevTools around it. What is
 * held down comes up when the element loses the focus or the page is hidden: the guest would never see it come up.
 */
export function sendKeys(element: HTMLElement, listener: KeyboardListener, signal: AbortSignal): void {
  const chord = new ReleaseChord();
  const release = () => listener.send({ type: "release" });
  const onKey = (event: KeyboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const complete = chord.feed(event);
    listener.send({ type: "key", code: event.code, down: event.type === "keydown" });
    // On macOS no other key is seen to come up while Meta is down.
    if (event.type === "keyup" && event.key === "Meta") release();
    if (complete) listener.onRelease();
  };
  element.addEventListener("keydown", onKey, { signal });
  element.addEventListener("keyup", onKey, { signal });
  element.addEventListener("keypress", (event) => event.stopPropagation(), { signal });
  element.addEventListener("blur", release, { signal });
  document.addEventListener("visibilitychange", () => document.hidden && release(), { signal });
  signal.addEventListener("abort", release, { once: true });
}
