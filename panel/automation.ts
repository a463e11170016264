import type { EngineApi, VmId } from "../src/engine/api.ts";
import { findVm } from "../src/ui/vms.ts";
import type { Panel } from "./state.ts";

/**
 * What scripts in the console, the runner and the tests use: `globalThis.qemuweb`. The popup has `engine` only.
 *
 * - `engine`: the connected engine, the same EngineApi that the views call; undefined until the page is connected.
 * - `terminal(vm, console?)`: a terminal that the page has opened (the first console unless named), or undefined.
 *   `text()` is all its text, `paste(text)` types as the user's clipboard would, `pending` is how many bytes of that
 *   the guest has not taken yet.
 */
export interface Automation {
  engine?: EngineApi | undefined;
  terminal(vm: VmId, console?: string): AutomationTerminal | undefined;
}

export interface AutomationTerminal {
  text(): string;
  paste(text: string): void;
  readonly pending: number;
}

declare global {
  var qemuweb: Partial<Automation> | undefined;
}

export function exposeTerminals(panel: Panel): void {
  globalThis.qemuweb = {
    ...globalThis.qemuweb,
    terminal(vm, console = findVm(panel.link.store.get(), vm)?.consoles[0] ?? "serial0") {
      const session = panel.terminals.get(vm, console);
      if (!session) return undefined;
      return {
        text: () => session.terminal.text(),
        paste: (text) => session.terminal.paste(text),
        get pending() {
          return session.status.get().pending;
        },
      };
    },
  };
}
