import type { DiskInfo, VmInfo } from "../../src/engine/api.ts";

/** Which dialog of the Disks tab is open, and for which disk. */
export type DiskDialog =
  | { type: "attach" | "insert" }
  | { type: "detach" | "resize" | "discard" | "commit" | "export" | "import"; disk: DiskInfo };

export interface VmDialogProps {
  vm: VmInfo;
  onClose: () => void;
}

export interface DiskDialogProps extends VmDialogProps {
  disk: DiskInfo;
}
