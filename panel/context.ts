import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { VmInfo } from "../src/engine/api.ts";
import { useStore } from "../src/ui/store.ts";
import { findVm, type VmsState } from "../src/ui/vms.ts";
import type { Panel, PanelState } from "./state.ts";

export const PanelContext = createContext<Panel | undefined>(undefined);

export function usePanel(): Panel {
  const panel = useContext(PanelContext);
  if (!panel) throw new Error("A view of the panel was rendered outside of it.");
  return panel;
}

export function useVms<T>(select: (state: VmsState) => T): T {
  return useStore(usePanel().link.store, select);
}

export function usePanelState<T>(select: (state: PanelState) => T): T {
  return useStore(usePanel().state, select);
}

export function useSelectedVm(): VmInfo | undefined {
  const selected = usePanelState((state) => state.selected);
  return useVms((state) => findVm(state, selected));
}
