import type { MonitorEvent, VmId } from "../../engine/api.ts";
import { createStore, type Store } from "../store.ts";

/** Something said at a monitor: by the user, by QEMU as an answer, or by QEMU on its own. */
export interface Entry {
  /** Milliseconds since the epoch. */
  time: number;
  kind: "command" | "answer" | "refusal" | "event";
  text: string;
}

export interface Transcript {
  entries: readonly Entry[];
  /** What was typed, the newest last; nothing twice in a row. */
  history: readonly string[];
}

export type TranscriptAction = { type: "said"; entry: Entry } | { type: "clear" };

const ENTRIES = 500;
const HISTORY = 100;

/** Pure: the newest entries; a clear keeps the history. */
export function reduceTranscript(now: Transcript, action: TranscriptAction): Transcript {
  if (action.type === "clear") return { ...now, entries: [] };
  const { entry } = action;
  const isNews = entry.kind === "command" && entry.text !== now.history.at(-1);
  return {
    entries: [...now.entries, entry].slice(-ENTRIES),
    history: isNews ? [...now.history, entry.text].slice(-HISTORY) : now.history,
  };
}

/** The transcripts of a page: they outlive the tab that shows them. */
export class Transcripts {
  readonly #stores = new Map<string, Store<Transcript, TranscriptAction>>();

  get(vm: VmId, monitor: "hmp" | "qmp"): Store<Transcript, TranscriptAction> {
    const key = `${monitor} ${vm}`;
    const known = this.#stores.get(key);
    if (known) return known;
    const store = createStore(reduceTranscript, { entries: [], history: [] });
    this.#stores.set(key, store);
    return store;
  }
}

/** Entries and events in the order of their times; of equal times, entries first. */
export function withEvents(entries: readonly Entry[], events: readonly MonitorEvent[]): Entry[] {
  const told = events.map(({ event, data, timestamp }): Entry => {
    const time = timestamp.seconds * 1000 + timestamp.microseconds / 1000;
    return { time, kind: "event", text: data ? `${event} ${JSON.stringify(data)}` : event };
  });
  return [...entries, ...told].sort((a, b) => a.time - b.time);
}
