import "./console.css";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type ErrorData, toErrorData } from "../src/core/errors.ts";
import { Button } from "../src/ui/button.tsx";
import { copyText, mayReadClipboard, readClipboard } from "../src/ui/clipboard.ts";
import { EmptyState } from "../src/ui/empty-state.tsx";
import { settings } from "../src/ui/settings.ts";
import { useStore } from "../src/ui/store.ts";
import type { ConsoleSession } from "../src/ui/terminal/console-session.ts";
import type { TerminalCommand } from "../src/ui/terminal/keys.ts";
import { showInfo } from "../src/ui/toasts.ts";
import { Toolbar, ToolbarDivider, ToolbarSpacer } from "../src/ui/toolbar.tsx";
import { ConsoleSearch } from "./console-search.tsx";
import { ConsoleNotice, PasteProgress } from "./console-status.tsx";
import { usePanel, usePanelState } from "./context.ts";
import type { TabProps } from "./details.tsx";

const KEY_PASTES = "DevTools keeps the clipboard from panels: press Ctrl+Shift+V in the console.";

/** The VM's consoles, one at a time, each with a terminal that outlives this view. */
export function ConsoleTab({ vm }: TabProps) {
  const [wanted, setWanted] = useState<string>();
  const console = vm.consoles.find((id) => id === wanted) ?? vm.consoles[0];
  const { session, problem } = useSession(vm.id, console);
  if (console === undefined) {
    return <EmptyState heading="No console" text="This VM has no serial port; create one with a port to type to it." />;
  }
  if (problem)
    return <EmptyState heading="The console could not be opened" text={`${problem.message} ${problem.hint}`} />;
  if (!session) return <EmptyState heading="Opening the console" text="The terminal is being loaded." busy />;
  return <ConsoleView key={`${vm.id}/${console}`} vm={vm} session={session} console={console} onConsole={setWanted} />;
}

function useSession(vm: string, console: string | undefined) {
  const { terminals } = usePanel();
  const key = `${vm}/${console}`;
  const known = console === undefined ? undefined : terminals.get(vm, console);
  const [opened, setOpened] = useState<{ key: string; session?: ConsoleSession; problem?: ErrorData }>();
  useEffect(() => {
    if (console === undefined) return;
    let current = true;
    terminals.open(vm, console).then(
      (session) => current && setOpened({ key, session }),
      (thrown) => current && setOpened({ key, problem: toErrorData(thrown) }),
    );
    return () => {
      current = false;
    };
  }, [key]);
  if (known) return { session: known, problem: undefined };
  return opened?.key === key ? opened : { session: undefined, problem: undefined };
}

interface ViewProps extends TabProps {
  session: ConsoleSession;
  console: string;
  onConsole: (id: string) => void;
}

function ConsoleView({ vm, session, console, onConsole }: ViewProps) {
  const panel = usePanel();
  const focus = usePanelState((state) => state.focusDetails);
  const screenReader = useStore(settings, (state) => state.screenReader);
  const [searching, setSearching] = useState(0);
  const place = useRef<HTMLDivElement>(null);
  const { terminal } = session;

  const copy = async () => {
    const text = terminal.selection;
    if (!text) showInfo(panel.toasts, "Nothing is selected: drag over the text to copy first.");
    else if (!(await copyText(text)))
      showInfo(panel.toasts, "The browser refused the copy: press Ctrl+Shift+C instead.");
    terminal.focus();
  };
  const paste = async () => {
    const text = await readClipboard();
    if (text === undefined)
      showInfo(panel.toasts, "The browser keeps the clipboard from this page: press Ctrl+Shift+V.");
    else terminal.paste(text);
    terminal.focus();
  };
  const search = () => setSearching((n) => n + 1);
  const onCommand = (command: TerminalCommand) => {
    if (command === "copy") void copy();
    else if (command === "search") search();
  };
  const onRelease = () => document.getElementById("details-tab-console")?.focus();

  useLayoutEffect(() => {
    if (place.current) return terminal.attach(place.current, { onCommand, onRelease });
  }, [terminal]);
  useLayoutEffect(() => {
    if (!focus) return;
    terminal.focus();
    panel.state.dispatch({ focusDetails: false });
  }, [focus]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== "f" || !event.ctrlKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    search();
  };

  return (
    <section class="console" aria-label="Console" onKeyDown={onKeyDown}>
      <Toolbar label="Console">
        {vm.consoles.length > 1 && (
          <select
            class="input"
            aria-label="Console"
            value={console}
            onChange={(event) => onConsole(event.currentTarget.value)}
          >
            {vm.consoles.map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        )}
        <Button
          kind="tool"
          icon="search"
          iconOnly
          label="Find"
          title="Find (Ctrl+F; Ctrl+Shift+F in full-screen programs)"
          shortcut="Control+F"
          onClick={search}
        />
        <ToolbarDivider />
        <Button
          kind="tool"
          icon="copy"
          iconOnly
          label="Copy"
          title="Copy the selection (Ctrl+Shift+C)"
          shortcut="Control+Shift+C"
          onClick={() => void copy()}
        />
        <Button
          kind="tool"
          icon="paste"
          iconOnly
          label="Paste"
          title="Paste (Ctrl+Shift+V)"
          disabled={mayReadClipboard() ? undefined : KEY_PASTES}
          shortcut="Control+Shift+V"
          onClick={() => void paste()}
        />
        <ToolbarDivider />
        <Button
          kind="tool"
          icon="reader"
          iconOnly
          label="Screen-reader mode"
          pressed={screenReader}
          onClick={() => settings.dispatch({ screenReader: !screenReader })}
        />
        <ToolbarSpacer />
        <PasteProgress session={session} />
        <span class="chip" title="Press and let go of Ctrl and Alt together">
          Ctrl+Alt leaves the console
        </span>
      </Toolbar>
      {searching > 0 && (
        <ConsoleSearch
          terminal={terminal}
          request={searching}
          onClose={() => {
            setSearching(0);
            terminal.focus();
          }}
        />
      )}
      <div class="console-terminal" ref={place} />
      <ConsoleNotice vm={vm} session={session} />
    </section>
  );
}
