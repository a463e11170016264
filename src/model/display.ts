/** What crosses the port of a display (`EngineApi.openDisplay`). Plain data; pixels are transferred. */

/** In pixels of the guest's screen. */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** To a viewer. */
export type FromDisplay =
  /**
   * What changed since the last frame, or all of it. A viewer answers `drawn`; until it does it is sent at most one more, and
   * what changes meanwhile comes with the next: the newest wins.
   */
  | {
      type: "frame";
      /** Of the whole screen. */
      width: number;
      height: number;
      /** Parts that changed; none overlaps another that comes later with older pixels. */
      rects: Rect[];
      /** RGBA, 4 bytes a pixel: the rectangles' rows, one rectangle after the other. */
      pixels: ArrayBuffer;
    }
  /** The guest's pointer shape, RGBA; without an image the guest draws its own, or none. */
  | { type: "cursor"; image?: CursorImage }
  /** `absolute`: the guest takes positions, so its pointer is where the viewer's is; else it takes movements. */
  | { type: "pointer"; absolute: boolean; visible: boolean; x: number; y: number }
  /** The VM has no screen now: it is off, or only just starting. */
  | { type: "off" };

export interface CursorImage {
  width: number;
  height: number;
  hotX: number;
  hotY: number;
  pixels: ArrayBuffer;
}

export type PointerButton = "left" | "middle" | "right" | "side" | "extra";

/** From a viewer. */
export type ToDisplay =
  | { type: "drawn" }
  /** `code`: of a KeyboardEvent. Keys that are down when the viewer goes are let go. */
  | { type: "key"; code: string; down: boolean }
  | { type: "button"; button: PointerButton; down: boolean }
  /** Where the pointer is, in pixels of the guest's screen. */
  | { type: "move"; x: number; y: number }
  /** How far it moved, in pixels. */
  | { type: "motion"; x: number; y: number }
  /** Notches of the wheel: to the right, downwards. */
  | { type: "wheel"; x: number; y: number }
  /** Every key and button that this viewer holds down comes up. */
  | { type: "release" };
