import type { ImageId, ImageInfo, VmAction, VmId } from "../src/engine/api.ts";
import type { EngineLink } from "../src/ui/engine-link.ts";
import type { Transcripts } from "../src/ui/monitor/transcript.ts";
import { createStore, type Store } from "../src/ui/store.ts";
import type { Terminals } from "../src/ui/terminal/terminals.ts";
import type { ToastStore } from "../src/ui/toasts.ts";
import type { Works } from "../src/ui/works.ts";

/** What takes the machine from under the guest. */
export type ForcedAction = "stop" | "reset";

export type ViewId = "vms" | "images";

export type TabId = "overview" | "console" | "display" | "disks" | "network" | "snapshots" | "log" | "hmp" | "qmp";

/** What the page shows. The VMs themselves are in the link's store. */
export interface PanelState {
  view: ViewId;
  selected?: VmId | undefined;
  tab: TabId;
  filter: string;
  /** Selected in the library, and its filter. */
  image?: ImageId | undefined;
  imageFilter: string;
  settingsOpen: boolean;
  dialog?: NewVmRequest | VmDialog | ImageDialog | undefined;
  /** Calls that run now: their buttons show it. */
  running: ReadonlySet<OperationKey>;
  /** A request to put the focus into the details: whoever can, takes it and clears this. */
  focusDetails: boolean;
}

/** What the new VM begins with: files that were dropped, or an image of the library. */
export interface NewVmRequest {
  type: "new";
  files: File[];
  image?: ImageInfo;
}

export type VmDialog = { type: "delete"; id: VmId } | { type: "stop"; id: VmId } | { type: "reset"; id: VmId };

export type ImageDialog =
  | { type: "new-image" | "image-from-url" }
  | { type: "rename-image" | "delete-image"; image: ImageInfo };

export type Operation = VmAction | "quick";
export type OperationKey = Operation | `${VmAction}:${VmId}`;

export function operationKey(operation: Operation, id?: VmId): OperationKey {
  return operation === "quick" || id === undefined ? operation : `${operation}:${id}`;
}

export function createPanelState(initial: Partial<PanelState> = {}): Store<PanelState, Partial<PanelState>> {
  const start: PanelState = {
    view: "vms",
    tab: "overview",
    filter: "",
    imageFilter: "",
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
  transcripts: Transcripts;
  toasts: ToastStore;
  works: Works;
  state: Store<PanelState, Partial<PanelState>>;
  /** False in a tab of its own. */
  inDevtools: boolean;
}
