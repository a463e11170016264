import type { ErrorCode } from "../src/core/errors.ts";
import type { ToastAction } from "../src/ui/toasts.ts";
import { findVm } from "../src/ui/vms.ts";
import type { Panel } from "./state.ts";

/** Where the user can do something about an error: at the VM's disks, or among the images, where space is freed. */
const PLACES: Partial<Record<ErrorCode, "disks" | "images">> = {
  "disk-busy": "disks",
  "file-unreadable": "disks",
  "image-broken": "disks",
  "image-changed": "disks",
  "image-unsupported": "disks",
  "no-such-disk": "disks",
  "no-such-image": "disks",
  "overlay-foreign": "disks",
  "image-in-use": "images",
  "storage-full": "images",
};

/** The one click that helps, where there is one and the user isn't there already. `vm`: whose error it is. */
export function remedyFor(panel: Panel, code: string, vm?: string): ToastAction | undefined {
  const place = PLACES[code as ErrorCode];
  const { view, tab, selected } = panel.state.get();
  if (place === "images" && view !== "images") {
    return { label: "Show images", onClick: () => panel.state.dispatch({ view: "images" }) };
  }
  if (place !== "disks" || !findVm(panel.link.store.get(), vm)) return undefined;
  if (view === "vms" && tab === "disks" && selected === vm) return undefined;
  return { label: "Show disks", onClick: () => panel.state.dispatch({ view: "vms", selected: vm, tab: "disks" }) };
}
