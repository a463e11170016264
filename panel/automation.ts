import type { EngineApi, VmId } from "../src/engine/api.ts";
import type { GuestScreen } from "../src/ui/display/guest-screen.ts";
import { findVm } from "../src/ui/vms.ts";
import type { Panel } from "./state.ts";

/**
 * What scripts in the console, the runner and the tests use: `globalThis.qemuweb`. The popup has `engine` only.
 *
 * - `engine`: the connected engine, the same EngineApi that the views call; undefined until the page is connected.
 * - `terminal(vm, console?)`: a terminal that the page has opened (the first console unless named), or undefined.
 *   `text()` is all its text, `paste(text)` types as the user's clipboard would, `pending` is how many bytes of that
 *   the guest has not taken yet.
 * - `display(vm)`: the screen in the page's Display tab if it shows this VM, or undefined. `frames` is how many were drawn;
 *   its pixels are the canvas's.
 */
export interface Automation {
  engine?: EngineApi | undefined;
  terminal(vm: VmId, console?: string): AutomationTerminal | undefined;
  display(vm: VmId): AutomationDisplay | undefined;
}

export interface AutomationTerminal {
  text(): string;
  paste(text: string): void;
  readonly pending: number;
}

export interface AutomationDisplay {
  readonly frames: number;
  readonly canvas: HTMLCanvasElement;
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

const displays = new Map<VmId, AutomationDisplay>();

/** Until the returned function is called. */
export function exposeDisplay(vm: VmId, { canvas, session }: GuestScreen): () => void {
  const display = {
    canvas,
    get frames() {
      return session.frames;
    },
  };
  displays.set(vm, display);
  globalThis.qemuweb = { ...globalThis.qemuweb, display: (vm) => displays.get(vm) };
  return () => {
    if (displays.get(vm) === display) displays.delete(vm);
  };
}
