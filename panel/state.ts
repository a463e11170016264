import type { VmAction, VmId } from "../src/engine/api.ts";
import type { EngineLink } from "../src/ui/engine-link.ts";
import { createStore, type Store } from "../src/ui/store.ts";
import type { Terminals } from "../src/ui/terminal/terminals.ts";
import type { ToastStore } from "../src/ui/toasts.ts";

/** What takes the machine from under the guest. */
export type ForcedAction = "stop" | "reset";

export type TabId = "overview" | "console" | "snapshots" | "log";

/** What the page shows. The VMs themselves are in the link's store. */
export interface PanelState {
  selected?: VmId | undefined;
  tab: TabId;
  filter: string;
  settingsOpen: boolean;
  dialog?: { type: "new"; files: File[] } | { type: "delete" | ForcedAction; id: VmId } | undefined;
  /** Calls that run now: their buttons show it. */
  running: ReadonlySet<OperationKey>;
  /** A request to put the focus into the details: whoever can, takes it and clears this. */
  focusDetails: boolean;
}

export type Operation = VmAction | "quick";
export type OperationKey = Operation | `${VmAction}:${VmId}`;

export function operationKey(operation: Operation, id?: VmId): OperationKey {
  return operation === "quick" || id === undefined ? operation : `${operation}:${id}`;
}

export function createPanelState(initial: Partial<PanelState> = {}): Store<PanelState, Partial<PanelState>> {
  const start: PanelState = {
    tab: "overview",
    filter: "",
    settingsOpen: false,
    running: new Set(),
    focusDetails: false,
    ...initial,
  };
  return createStore((state, change: Partial<PanelState>) => ({ ...state, ...change }), start);
}

/** All that the views share. */
export interface Panel {
  link: EngineLink;
  terminals: Terminals;
  toasts: ToastStore;
  state: Store<PanelState, Partial<PanelState>>;
  /** False in a tab of its own. */
  inDevtools: boolean;
}
