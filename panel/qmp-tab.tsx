import { useEffect, useState } from "preact/hooks";
import { QemuWebError } from "../src/core/errors.ts";
import type { MonitorEvent } from "../src/engine/api.ts";
import { readBatches } from "../src/ui/log-lines.ts";
import { parseQmpCommand } from "../src/ui/monitor/qmp-command.ts";
import { withEvents } from "../src/ui/monitor/transcript.ts";
import { showInfo } from "../src/ui/toasts.ts";
import { usePanel, useVms } from "./context.ts";
import type { TabProps } from "./details.tsx";
import { Monitor } from "./monitor.tsx";

/** QEMU's machine protocol: commands in JSON, answers, and events as they come. */
export function QmpTab({ vm }: TabProps) {
  const panel = usePanel();
  const events = useEvents(vm.id);
  return (
    <Monitor
      vm={vm}
      monitor="qmp"
      prompt="-> "
      example={
        'Type query-status, device_del {"id": "x"}, or {"execute": "query-block"}. Events are shown as they come.'
      }
      shown={(said) => withEvents(said, events)}
      execute={async (text) => {
        const command = parseQmpCommand(text);
        if ("problem" in command) throw new QemuWebError("command-refused", command.problem, "");
        const answer = await panel.link.engine().qmp(vm.id, command.command, command.args);
        return JSON.stringify(answer, undefined, 2);
      }}
    />
  );
}

function useEvents(id: string): readonly MonitorEvent[] {
  const panel = usePanel();
  const ready = useVms((state) => state.link === "ready");
  const [events, setEvents] = useState<readonly MonitorEvent[]>([]);
  useEffect(() => {
    if (!ready) return;
    const stop = new AbortController();
    const read = async () => {
      const stream = await panel.link.engine().qmpEvents(id);
      setEvents([]);
      await readBatches(stream, (more) => setEvents((known) => [...known, ...more].slice(-EVENTS)), stop.signal);
    };
    read().catch((thrown) => {
      if (!stop.signal.aborted) showInfo(panel.toasts, `The events could not be read: ${thrown}`);
    });
    return () => stop.abort();
  }, [id, ready]);
  return events;
}

/** The newest that are shown. */
const EVENTS = 500;
