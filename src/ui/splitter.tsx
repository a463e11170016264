import "./splitter.css";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface SplitProps {
  /** Accessible name of the handle. */
  label: string;
  /** The first side's part of the whole, 0 to 1; null for a share that is right for a list. */
  share: number | null;
  /** Least widths, CSS px; where the whole is too narrow for both, the first side's holds. */
  minFirst: number;
  minSecond: number;
  onShare: (share: number) => void;
  first: ComponentChildren;
  second: ComponentChildren;
}

const STEP = 16;
/** Wide enough for a list; what is more goes to the second side. */
const LIST_WIDTH = 350;

/** Two sides and a handle between them that pointer and arrow keys move. */
export function Split(props: SplitProps) {
  const { minFirst, minSecond } = props;
  const whole = useRef<HTMLDivElement>(null);
  const [available, setAvailable] = useState(innerWidth);
  useLayoutEffect(() => {
    const element = whole.current;
    if (!element) return;
    const observer = new ResizeObserver(() => element.clientWidth > 0 && setAvailable(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const most = Math.max(minFirst, available - minSecond);
  const clamp = (width: number) => Math.round(Math.min(most, Math.max(minFirst, width)));
  const width = clamp(props.share === null ? Math.min(LIST_WIDTH, available * 0.36) : props.share * available);
  const move = (to: number) => props.onShare(clamp(to) / available);

  const onPointerDown = (event: PointerEvent) => {
    const handle = event.currentTarget;
    if (!(handle instanceof HTMLElement)) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const offset = event.clientX - width;
    const onMove = (e: PointerEvent) => move(e.clientX - offset);
    handle.addEventListener("pointermove", onMove);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", onMove), {
      once: true,
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowLeft: width - STEP, ArrowRight: width + STEP, Home: minFirst, End: most }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  };

  return (
    <div class="split" ref={whole}>
      <div class="split-first" style={{ width: `${width}px` }}>
        {props.first}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: an hr can't be moved */}
      <div
        class="split-handle"
        role="separator"
        aria-orientation="vertical"
        aria-label={props.label}
        aria-valuenow={width}
        aria-valuemin={minFirst}
        aria-valuemax={most}
        tabIndex={0}
        onPointerDown={onPointerDown}
        onKeyDown={onKeyDown}
      />
      <div class="split-second">{props.second}</div>
    </div>
  );
}
