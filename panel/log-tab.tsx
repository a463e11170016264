import "./log.css";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LogLine, VmInfo } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { formatClock } from "../src/ui/format.ts";
import { appendLines, readBatches, visibleRows } from "../src/ui/log-lines.ts";
import { showInfo } from "../src/ui/toasts.ts";
import { Toolbar, ToolbarSpacer } from "../src/ui/toolbar.tsx";
import { joinWords } from "../src/ui/words.ts";
import { usePanel, useVms } from "./context.ts";
import type { TabProps } from "./details.tsx";
import { copy } from "./work.ts";

const ROW_HEIGHT = 18;
/** How QEMU marks what is no error (util/error-report.c). */
const WARNING = /\bwarning: /;

/** QEMU's own words and the engine's about this VM, with the exact command line of its last start. */
export function LogTab({ vm }: TabProps) {
  const lines = useLog(vm.id);
  return (
    <div class="log">
      <CommandLine vm={vm} />
      <LogTools lines={lines} />
      <LogRows lines={lines} />
    </div>
  );
}

function CommandLine({ vm }: { vm: VmInfo }) {
  const panel = usePanel();
  if (!vm.commandLine) return null;
  const text = joinWords(vm.commandLine);
  return (
    <details class="command-line">
      <summary>
        <span class="command-line-name">Command line</span>
        <code class="mono command-line-start">{text}</code>
      </summary>
      <div class="command-line-whole">
        <code class="mono selectable" data-testid="command-line">
          {text}
        </code>
        <Button label="Copy command line" onClick={() => void copy(panel, text, "The command line was copied.")} />
      </div>
    </details>
  );
}

function LogTools({ lines }: { lines: readonly LogLine[] }) {
  const panel = usePanel();
  const text = () => lines.map((line) => `${formatClock(line.time)} ${line.source} ${line.text}`).join("\n");
  return (
    <Toolbar label="Log">
      <Button
        kind="tool"
        icon="copy"
        label="Copy log"
        disabled={lines.length === 0 ? "There is nothing to copy yet." : undefined}
        onClick={() => void copy(panel, text(), "The log was copied.")}
      />
      <ToolbarSpacer />
    </Toolbar>
  );
}

function LogRows({ lines }: { lines: readonly LogLine[] }) {
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [view, setView] = useState({ top: 0, height: 0 });
  const look = () => {
    const element = list.current;
    if (!element) return;
    follows.current = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW_HEIGHT;
    setView({ top: element.scrollTop, height: element.clientHeight });
  };
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = list.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [lines]);

  const { first, last } = visibleRows(lines.length, ROW_HEIGHT, view.top, view.height);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable list must be reachable by keyboard
    <div class="log-rows mono selectable" role="log" aria-label="Log" tabIndex={0} ref={list} onScroll={look}>
      {lines.length === 0 && <p class="subtle log-empty">Nothing has been logged yet: start the VM.</p>}
      <div class="log-space" style={{ height: `${lines.length * ROW_HEIGHT}px` }}>
        <div style={{ transform: `translateY(${first * ROW_HEIGHT}px)` }}>
          {lines.slice(first, last).map((line, index) => (
            <div
              key={first + index}
              class="log-row"
              data-source={line.source}
              data-warning={WARNING.test(line.text) ? "" : undefined}
              style={{ height: `${ROW_HEIGHT}px` }}
            >
              <time class="log-time subtle">{formatClock(line.time)}</time>
              <span class="log-source subtle">{line.source}</span>
              <span class="log-text">{line.text}</span>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** The log's lines while this view is open, from the start again when the engine comes back. */
function useLog(id: string): readonly LogLine[] {
  const panel = usePanel();
  const ready = useVms((state) => state.link === "ready");
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  useEffect(() => {
    if (!ready) return;
    const stop = new AbortController();
    const read = async () => {
      const stream = await panel.link.engine().openLog(id);
      setLines([]);
      await readBatches(stream, (more) => setLines((known) => appendLines(known, more)), stop.signal);
    };
    read().catch((thrown) => {
      if (!stop.signal.aborted) showInfo(panel.toasts, `The log could not be read: ${thrown}`);
    });
    return () => stop.abort();
  }, [id, ready]);
  return lines;
}
