import type { JSX } from "preact";

/** Our own icons, drawn on a 16 px grid with a 1.25 px stroke in the text's colour. */
const ICONS = {
  play: () => <path d="M5 3.2v9.6l7.6-4.8z" />,
  stop: () => <rect x="4" y="4" width="8" height="8" rx="1" />,
  pause: () => <path d="M5.7 4v8M10.3 4v8" />,
  power: () => (
    <>
      <path d="M8 2.2v5.3" />
      <path d="M5 4.2a4.9 4.9 0 1 0 6 0" />
    </>
  ),
  reset: () => (
    <>
      <path d="M12.8 8a4.8 4.8 0 1 1-1.5-3.5" />
      <path d="M12.9 1.9v3h-3" />
    </>
  ),
  add: () => <path d="M8 3v10M3 8h10" />,
  quick: () => <path d="M9 1.8 3.6 9H8l-1 5.2L12.4 7H8z" />,
  gear: () => (
    <>
      <circle cx="8" cy="8" r="2" />
      <path d="M8 1.8v1.9M8 12.3v1.9M1.8 8h1.9M12.3 8h1.9M3.6 3.6 5 5M11 11l1.4 1.4M3.6 12.4 5 11M11 5l1.4-1.4" />
      <circle cx="8" cy="8" r="4.3" />
    </>
  ),
  close: () => <path d="m4 4 8 8M12 4l-8 8" />,
  search: () => (
    <>
      <circle cx="7" cy="7" r="4" />
      <path d="m10 10 3.5 3.5" />
    </>
  ),
  copy: () => (
    <>
      <rect x="5.5" y="5.5" width="7.5" height="8" rx="1" />
      <path d="M3 10.5V3.5a1 1 0 0 1 1-1h6" />
    </>
  ),
  paste: () => (
    <>
      <path d="M5.5 3.5H4a1 1 0 0 0-1 1V13a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V4.5a1 1 0 0 0-1-1h-1.5" />
      <rect x="5.5" y="2" width="5" height="3" rx="1" />
      <path d="M5.5 8.5h5M5.5 11h3" />
    </>
  ),
  keyboard: () => (
    <>
      <rect x="1.8" y="4" width="12.4" height="8" rx="1" />
      <path d="M4.2 6.6h.1M6.7 6.6h.1M9.2 6.6h.1M11.7 6.6h.1M4.8 9.4h6.4" />
    </>
  ),
  exact: () => (
    <>
      <rect x="2" y="3" width="12" height="10" rx="1" />
      <path d="M5 6.6 6 6v4M8 7v.1M8 9v.1M10 6.6l1-.6v4" />
    </>
  ),
  "full-screen": () => <path d="M6 3H3v3M10 3h3v3M6 13H3v-3M10 13h3v-3" />,
  camera: () => (
    <>
      <path d="M2 5.2h3l1-1.7h4l1 1.7h3v7.3H2z" />
      <circle cx="8" cy="8.6" r="2.3" />
    </>
  ),
  sound: () => (
    <>
      <path d="M2.5 6.2h2.3L8 3.4v9.2L4.8 9.8H2.5z" />
      <path d="M10.3 6a2.8 2.8 0 0 1 0 4M12 4.2a5.4 5.4 0 0 1 0 7.6" />
    </>
  ),
  muted: () => (
    <>
      <path d="M2.5 6.2h2.3L8 3.4v9.2L4.8 9.8H2.5z" />
      <path d="m10.4 6.2 3.6 3.6M14 6.2l-3.6 3.6" />
    </>
  ),
  record: () => <circle cx="8" cy="8" r="4.5" />,
  recording: () => <circle class="icon-filled" cx="8" cy="8" r="4.5" />,
  up: () => <path d="m4 10 4-4 4 4" />,
  down: () => <path d="m4 6 4 4 4-4" />,
  reader: () => (
    <>
      <circle cx="8" cy="3.4" r="1.4" />
      <path d="M3 6.2c3 .9 7 .9 10 0M8 6.9v2.6M8 9.5 5.8 14M8 9.5 10.2 14" />
    </>
  ),
  tab: () => (
    <>
      <path d="M7 3H3.5a.8.8 0 0 0-.8.8v8.7c0 .4.4.8.8.8h8.7a.8.8 0 0 0 .8-.8V9" />
      <path d="M9.5 2.5h4v4M13.3 2.7 7.5 8.5" />
    </>
  ),
  rename: () => (
    <>
      <path d="M10.6 3.2 12.8 5.4 5.4 12.8 2.6 13.4 3.2 10.6z" />
      <path d="m9.2 4.6 2.2 2.2" />
    </>
  ),
  import: () => (
    <>
      <path d="M8 2.2v7.3M5 6.6l3 3 3-3" />
      <path d="M2.8 10.5v2c0 .5.4.9.9.9h8.6c.5 0 .9-.4.9-.9v-2" />
    </>
  ),
  export: () => (
    <>
      <path d="M8 9.6V2.3M5 5.2l3-3 3 3" />
      <path d="M2.8 10.5v2c0 .5.4.9.9.9h8.6c.5 0 .9-.4.9-.9v-2" />
    </>
  ),
  link: () => (
    <>
      <path d="M6.7 9.3 9.3 6.7" />
      <path d="m7.5 4.6 1.7-1.7a2.75 2.75 0 0 1 3.9 3.9l-1.7 1.7M8.5 11.4l-1.7 1.7a2.75 2.75 0 0 1-3.9-3.9l1.7-1.7" />
    </>
  ),
  disk: () => (
    <>
      <path d="M2.5 9.5 4.3 3.6c.1-.4.5-.7.9-.7h5.6c.4 0 .8.3.9.7l1.8 5.9" />
      <rect x="2.3" y="9.3" width="11.4" height="4" rx="1" />
      <path d="M10.8 11.3h.6" />
    </>
  ),
  disc: () => (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <circle cx="8" cy="8" r="1.6" />
    </>
  ),
  resize: () => <path d="M9.2 3h3.8v3.8M13 3 9 7M6.8 13H3V9.2M3 13l4-4" />,
  discard: () => (
    <>
      <path d="M5.2 3 2.5 5.7l2.7 2.7" />
      <path d="M2.7 5.7h6.8a3.6 3.6 0 0 1 0 7.2H6" />
    </>
  ),
  commit: () => (
    <>
      <path d="m8 2.3 5.7 2.9L8 8.1 2.3 5.2z" />
      <path d="M2.3 8 8 10.9 13.7 8M2.3 10.8 8 13.7l5.7-2.9" />
    </>
  ),
  eject: () => <path d="M8 3 3 9h10zM3 12.3h10" />,
  delete: () => (
    <>
      <path d="M2.8 4.2h10.4M6 4V2.5h4V4" />
      <path d="M4.2 4.5 5 13.5h6l.8-9M6.8 7v4M9.2 7v4" />
    </>
  ),
  more: () => (
    <>
      <circle cx="8" cy="3.5" r=".8" />
      <circle cx="8" cy="8" r=".8" />
      <circle cx="8" cy="12.5" r=".8" />
    </>
  ),
  warning: () => (
    <>
      <path d="M8 2.3 14.2 13.2H1.8z" />
      <path d="M8 6.3v3.4M8 11.3v.4" />
    </>
  ),
  info: () => (
    <>
      <circle cx="8" cy="8" r="5.8" />
      <path d="M8 7.3v3.7M8 4.9v.4" />
    </>
  ),
  check: () => <path d="m3.5 8.5 3 3 6-7" />,
  cross: () => <path d="m4.5 4.5 7 7M11.5 4.5l-7 7" />,
  "state-off": () => <circle cx="8" cy="8" r="4.5" />,
  "state-running": () => <path class="icon-filled" d="M5 3.2v9.6L12.6 8z" />,
  "state-paused": () => <path d="M5.7 4v8M10.3 4v8" stroke-width="2" />,
  "state-busy": () => <path class="icon-spin" d="M8 2.8A5.2 5.2 0 1 1 2.8 8" />,
  "state-crashed": () => (
    <>
      <path d="M8 2.3 14.2 13.2H1.8z" />
      <path d="M8 6.3v3.4M8 11.3v.4" />
    </>
  ),
  "state-failed": () => (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="m6 6 4 4M10 6l-4 4" />
    </>
  ),
} satisfies Record<string, () => JSX.Element>;

export type IconName = keyof typeof ICONS;

/** Decoration only: whatever bears it has a name of its own. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {ICONS[name]()}
    </svg>
  );
}
