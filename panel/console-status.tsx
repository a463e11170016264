import type { VmInfo } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { formatBytes } from "../src/ui/format.ts";
import { useStore } from "../src/ui/store.ts";
import type { ConsoleSession } from "../src/ui/terminal/console-session.ts";
import { isAlive } from "../src/ui/vm-state.ts";
import { actOnVm } from "./actions.ts";
import { usePanel, usePanelState } from "./context.ts";
import { operationKey } from "./state.ts";

/** Bytes from which a paste is worth a progress display. */
const LONG_PASTE = 16 * 1024;
/** The display moves in these steps, so that it isn't drawn anew for each piece. */
const STEP = 8 * 1024;

export function PasteProgress({ session }: { session: ConsoleSession }) {
  const total = useStore(session.status, (state) => (state.pending > 0 ? state.total : 0));
  const pending = useStore(session.status, (state) => Math.ceil(state.pending / STEP) * STEP);
  if (total < LONG_PASTE) return null;
  const sent = Math.max(0, total - pending);
  return (
    <span class="paste-progress">
      <progress max={total} value={sent} aria-label="Pasting" />
      <span class="subtle">{`${formatBytes(sent)} of ${formatBytes(total)}`}</span>
      <Button kind="tool" icon="close" iconOnly label="Cancel paste" onClick={() => session.cancelInput()} />
    </span>
  );
}

/** Under the terminal, when what is typed goes nowhere: why, and what to do. */
export function ConsoleNotice({ vm, session }: { vm: VmInfo; session: ConsoleSession }) {
  const panel = usePanel();
  const link = useStore(session.status, (state) => state.link);
  const problem = useStore(session.status, (state) => state.problem);
  const starting = usePanelState((state) => state.running.has(operationKey("start", vm.id)));
  if (!isAlive(vm.state)) {
    return (
      <div class="console-notice">
        <span class="console-notice-text">
          {vm.reason && vm.state === "off"
            ? vm.reason.message
            : `${vm.profile.name} ${vm.state === "failed" ? "has failed" : "is off"}.`}
        </span>
        <Button
          icon="play"
          label="Start"
          disabled={vm.disabled.start}
          busy={starting}
          onClick={() => void actOnVm(panel, "start", vm.id)}
        />
      </div>
    );
  }
  if (link !== "lost") return null;
  return (
    <div class="console-notice" role="status">
      <span class="console-notice-text">{problem?.message ?? "The console was closed; it is being opened again."}</span>
      <Button label="Retry" onClick={() => session.retry()} />
    </div>
  );
}
