import { expect, test } from "vitest";
import { createStore } from "../src/ui/store.ts";
import { noVms, reduceVms } from "../src/ui/vms.ts";
import { remedyFor } from "./remedy.ts";
import { createPanelState, type Panel } from "./state.ts";

function panelWith(vm: string): Panel {
  const store = createStore(reduceVms, { ...noVms, vms: [{ id: vm } as (typeof noVms.vms)[number]] });
  return { link: { store }, state: createPanelState() } as unknown as Panel;
}

test("an error of a disk leads to the VM's disks, one of space to the images", () => {
  const panel = panelWith("a");
  remedyFor(panel, "image-changed", "a")?.onClick();
  expect(panel.state.get()).toMatchObject({ view: "vms", selected: "a", tab: "disks" });
  remedyFor(panel, "storage-full", "a")?.onClick();
  expect(panel.state.get()).toMatchObject({ view: "images" });
});

test("there is none for other errors, for a VM that is gone, and where the user already is", () => {
  const panel = panelWith("a");
  expect(remedyFor(panel, "qemu-exited", "a")).toBeUndefined();
  expect(remedyFor(panel, "powered-off", "a")).toBeUndefined();
  expect(remedyFor(panel, "disk-busy", "gone")).toBeUndefined();
  panel.state.dispatch({ selected: "a", tab: "disks" });
  expect(remedyFor(panel, "disk-busy", "a")).toBeUndefined();
  panel.state.dispatch({ view: "images" });
  expect(remedyFor(panel, "storage-full")).toBeUndefined();
  expect(remedyFor(panel, "disk-busy", "a")?.label).toBe("Show disks");
});
