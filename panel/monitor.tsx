import "./monitor.css";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { VmInfo } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { formatClock } from "../src/ui/format.ts";
import type { Entry } from "../src/ui/monitor/transcript.ts";
import { useStore } from "../src/ui/store.ts";
import { Toolbar, ToolbarSpacer } from "../src/ui/toolbar.tsx";
import { isAlive } from "../src/ui/vm-state.ts";
import { usePanel } from "./context.ts";
import { copy } from "./work.ts";

export interface MonitorProps {
  vm: VmInfo;
  monitor: "hmp" | "qmp";
  /** Before the line that is typed. */
  prompt: string;
  /** What to type, for who sees it for the first time. */
  example: string;
  /** What is shown; of what was said, and perhaps more. */
  shown(said: readonly Entry[]): readonly Entry[];
  /** Resolves to the answer; what it throws is shown as a refusal. */
  execute(text: string): Promise<string>;
}

/** A monitor of QEMU's: what was said, and a line to type. Enter sends, Shift+Enter breaks the line, arrows recall. */
export function Monitor({ vm, monitor, prompt, example, shown, execute }: MonitorProps) {
  const panel = usePanel();
  const store = panel.transcripts.get(vm.id, monitor);
  const said = useStore(store, (state) => state.entries);
  const entries = shown(said);
  const say = (kind: Entry["kind"], text: string) =>
    store.dispatch({ type: "said", entry: { time: Date.now(), kind, text } });
  const send = async (text: string) => {
    say("command", text);
    await execute(text).then(
      (answer) => say("answer", answer.trimEnd()),
      (thrown: unknown) => say("refusal", thrown instanceof Error ? thrown.message : String(thrown)),
    );
  };
  const copyAll = () => {
    const text = entries.map((entry) => `${entry.kind === "command" ? prompt : ""}${entry.text}`).join("\n");
    void copy(panel, text, "The monitor's text was copied.");
  };
  const nothing = entries.length === 0 ? "There is nothing yet." : undefined;
  return (
    <div class="monitor">
      <Toolbar label={monitor.toUpperCase()}>
        <Button kind="tool" icon="copy" label="Copy all" disabled={nothing} onClick={copyAll} />
        <Button
          kind="tool"
          icon="delete"
          label="Clear"
          disabled={said.length === 0 ? "There is nothing yet." : undefined}
          onClick={() => store.dispatch({ type: "clear" })}
        />
        <ToolbarSpacer />
      </Toolbar>
      <Entries entries={entries} prompt={prompt} example={example} />
      <Line
        prompt={prompt}
        label={monitor === "hmp" ? "Monitor command" : "QMP command"}
        history={useStore(store, (state) => state.history)}
        disabled={isAlive(vm.state) ? undefined : `${vm.profile.name} is off: start it first.`}
        onSend={send}
      />
    </div>
  );
}

function Entries({ entries, prompt, example }: { entries: readonly Entry[]; prompt: string; example: string }) {
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (list.current && follows.current) list.current.scrollTop = list.current.scrollHeight;
  }, [entries]);
  const look = () => {
    const element = list.current;
    if (element) follows.current = element.scrollTop + element.clientHeight >= element.scrollHeight - 20;
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable list must be reachable by keyboard
    <div class="monitor-entries mono selectable" role="log" aria-label="Said" tabIndex={0} ref={list} onScroll={look}>
      {entries.length === 0 && <p class="subtle">{example}</p>}
      {entries.map((entry, index) => (
        <div key={index} class="monitor-entry" data-kind={entry.kind}>
          <time class="subtle">{formatClock(entry.time)}</time>
          <pre>{`${entry.kind === "command" ? prompt : ""}${entry.text}`}</pre>
        </div>
      ))}
    </div>
  );
}

interface LineProps {
  prompt: string;
  label: string;
  history: readonly string[];
  disabled: string | undefined;
  onSend(text: string): Promise<void>;
}

function Line({ prompt, label, history, disabled, onSend }: LineProps) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  /** Place in the history; its length: the line that is being typed. */
  const [at, setAt] = useState(history.length);
  const send = async () => {
    if (text.trim() === "" || busy || disabled !== undefined) return;
    setBusy(true);
    await onSend(text.trim());
    setBusy(false);
    setText("");
    setAt(Number.POSITIVE_INFINITY);
  };
  const recall = (step: -1 | 1) => {
    const to = Math.max(0, Math.min(history.length, Math.min(at, history.length) + step));
    setAt(to);
    setText(history[to] ?? "");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isOneLine = !text.includes("\n");
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) void send();
    else if (event.key === "ArrowUp" && isOneLine) recall(-1);
    else if (event.key === "ArrowDown" && isOneLine) recall(1);
    else return;
    event.preventDefault();
  };
  return (
    <div class="monitor-line">
      <span class="mono subtle">{prompt}</span>
      <textarea
        class="input mono"
        rows={1}
        aria-label={label}
        placeholder={disabled}
        title={disabled}
        readOnly={disabled !== undefined || busy}
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Button
        label="Run"
        disabled={disabled ?? (text.trim() === "" ? "Type a command first." : undefined)}
        busy={busy}
        onClick={() => void send()}
      />
    </div>
  );
}
