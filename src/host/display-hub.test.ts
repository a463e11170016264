import { expect, test } from "vitest";
import { Pulse } from "../core/pulse.ts";
import type { GuestDisplay, Screen } from "../display/display.ts";
import type { GuestInput } from "../display/input.ts";
import type { FromDisplay, Rect, ToDisplay } from "../model/display.ts";
import { DisplayHub } from "./display-hub.ts";

const rect = (x: number, y: number, width: number, height: number): Rect => ({ x, y, width, height });

/** A guest whose screen changes when the test says so. */
class FakeDisplay implements GuestDisplay {
  readonly typed: GuestInput[] = [];
  watched = false;
  readonly #published = new Pulse();
  readonly #typed = new Pulse();
  #pending: Screen[] = [];
  readonly #ended: AbortSignal;

  constructor(ended: AbortSignal) {
    this.#ended = ended;
    ended.addEventListener("abort", () => this.#published.fire());
  }

  publish(change: Partial<Screen> = {}): void {
    const cursor = { generation: 0, visible: false, x: 0, y: 0 };
    this.#pending.push({ generation: 1, width: 640, height: 480, dirty: [], absolute: true, cursor, ...change });
    this.#published.fire();
  }
  get untaken(): number {
    return this.#pending.length;
  }
  watch(on: boolean): boolean {
    const anew = on && !this.watched;
    this.watched = on;
    return anew;
  }
  async published(): Promise<boolean> {
    while (this.#pending.length === 0 && !this.#ended.aborted) await this.#published.wait();
    return !this.#ended.aborted;
  }
  take(): Screen {
    const screen = this.#pending.shift();
    if (!screen) throw new Error("Nothing was published.");
    return screen;
  }
  pixels(rects: readonly Rect[]): ArrayBuffer {
    return new ArrayBuffer(rects.reduce((sum, { width, height }) => sum + 4 * width * height, 0));
  }
  cursorImage(): undefined {
    return undefined;
  }
  send(input: readonly GuestInput[]): void {
    this.typed.push(...input);
    this.#typed.fire();
  }
  /** Resolves when so many events have come. */
  async taken(count: number): Promise<GuestInput[]> {
    while (this.typed.length < count) await this.#typed.wait();
    return this.typed;
  }
}

type Frame = Extract<FromDisplay, { type: "frame" }>;

/** A page's end of a port: what it was sent, and how to wait for more. */
class Viewer {
  readonly frames: Frame[] = [];
  readonly got: string[] = [];
  readonly #came = new Pulse();

  constructor(readonly port: MessagePort) {
    port.onmessage = ({ data }: MessageEvent<FromDisplay>) => {
      this.got.push(data.type);
      if (data.type === "frame") this.frames.push(data);
      this.#came.fire();
    };
  }
  async until(done: (viewer: this) => boolean): Promise<void> {
    while (!done(this)) await this.#came.wait();
  }
  send(message: ToDisplay): void {
    this.port.postMessage(message);
  }
}

function running() {
  const run = new AbortController();
  const hub = new DisplayHub();
  const guest = new FakeDisplay(run.signal);
  void hub.attach(guest, run.signal);
  const view = (signal = new AbortController().signal) => new Viewer(hub.view(signal));
  return { run, hub, guest, view };
}

test("a viewer gets the whole screen, then what changes", async () => {
  const { guest, view } = running();
  const viewer = view();
  guest.publish();
  await viewer.until(({ frames }) => frames.length === 1);
  expect(viewer.frames[0]).toMatchObject({ width: 640, height: 480, rects: [rect(0, 0, 640, 480)] });
  guest.publish({ dirty: [rect(8, 16, 8, 16)] });
  await viewer.until(({ frames }) => frames.length === 2);
  expect(viewer.frames[1]?.rects).toEqual([rect(8, 16, 8, 16)]);
  expect(viewer.frames[1]?.pixels.byteLength).toBe(4 * 8 * 16);
});

test("a late viewer gets the whole screen at once, though nothing changes", async () => {
  const { guest, view } = running();
  const first = view();
  guest.publish();
  await first.until(({ frames }) => frames.length === 1);
  const late = view();
  await late.until(({ frames }) => frames.length === 1);
  expect(late.frames[0]?.rects).toEqual([rect(0, 0, 640, 480)]);
  expect(first.frames).toHaveLength(1);
});

test("a viewer that draws nothing is sent two frames, and all that it missed with the next", async () => {
  const { guest, view } = running();
  const viewer = view();
  guest.publish();
  guest.publish({ dirty: [rect(0, 0, 8, 8)] });
  await viewer.until(({ frames }) => frames.length === 2);
  guest.publish({ dirty: [rect(100, 0, 8, 8)] });
  viewer.send({ type: "key", code: "KeyA", down: true });
  await guest.taken(1);
  expect(guest.untaken, "QEMU waits").toBe(1);

  const other = view();
  await other.until(({ frames }) => frames.length === 2);
  guest.publish({ dirty: [rect(200, 0, 8, 8)] });
  other.send({ type: "drawn" });
  await other.until(({ frames }) => frames.length === 3);
  expect(viewer.frames).toHaveLength(2);
  viewer.send({ type: "drawn" });
  await viewer.until(({ frames }) => frames.length === 3);
  expect(viewer.frames[2]?.rects).toEqual([rect(100, 0, 8, 8), rect(200, 0, 8, 8)]);
});

test("a new surface is sent whole, whatever was dirty", async () => {
  const { guest, view } = running();
  const viewer = view();
  guest.publish();
  await viewer.until(({ frames }) => frames.length === 1);
  guest.publish({ generation: 2, width: 800, height: 600, dirty: [rect(0, 0, 1, 1)] });
  await viewer.until(({ frames }) => frames.length === 2);
  expect(viewer.frames[1]).toMatchObject({ width: 800, height: 600, rects: [rect(0, 0, 800, 600)] });
});

test("the guest is watched while there is a viewer", async () => {
  const { guest, view } = running();
  expect(guest.watched).toBe(false);
  const gone = new AbortController();
  view(gone.signal);
  expect(guest.watched).toBe(true);
  gone.abort();
  expect(guest.watched).toBe(false);
});

test("what a viewer holds down comes up when it goes", async () => {
  const { guest, view } = running();
  const gone = new AbortController();
  const viewer = view(gone.signal);
  viewer.send({ type: "key", code: "ShiftLeft", down: true });
  viewer.send({ type: "key", code: "KeyA", down: true });
  viewer.send({ type: "key", code: "KeyA", down: false });
  viewer.send({ type: "key", code: "Unidentified", down: true });
  viewer.send({ type: "button", button: "left", down: true });
  expect((await guest.taken(4)).splice(0)).toHaveLength(4);
  gone.abort();
  expect(guest.typed).toEqual([
    { kind: "key", key: "shift", down: false },
    { kind: "button", button: "left", down: false },
  ]);
});

test("the corners of the screen are the ends of the pointer's range", async () => {
  const { guest, view } = running();
  const viewer = view();
  guest.publish();
  await viewer.until(({ frames }) => frames.length === 1);
  viewer.send({ type: "move", x: 0, y: 479 });
  viewer.send({ type: "move", x: 639, y: 0 });
  expect(await guest.taken(2)).toEqual([
    { kind: "absolute", x: 0, y: 0x7fff },
    { kind: "absolute", x: 0x7fff, y: 0 },
  ]);
});

test("a viewer learns that the VM went off, and sees the next run", async () => {
  const { hub, run, guest, view } = running();
  const viewer = view();
  guest.publish();
  await viewer.until(({ frames }) => frames.length === 1);
  run.abort();
  await viewer.until(({ got }) => got.at(-1) === "off");
  const again = new AbortController();
  const next = new FakeDisplay(again.signal);
  void hub.attach(next, again.signal);
  expect(next.watched).toBe(true);
  next.publish();
  await viewer.until(({ frames }) => frames.length === 2);
});

test("who comes after everybody had left is shown nothing old", async () => {
  const { guest, view } = running();
  const gone = new AbortController();
  const first = view(gone.signal);
  guest.publish();
  await first.until(({ frames }) => frames.length === 1);
  gone.abort();
  const next = view();
  await next.until(({ got }) => got.length > 0);
  expect(next.got).toEqual(["off"]);
  guest.publish({ generation: 2 });
  await next.until(({ frames }) => frames.length === 1);
});
