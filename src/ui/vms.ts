import type { ErrorData } from "../core/errors.ts";
import type { EngineEvent, VmId, VmInfo } from "../engine/api.ts";

/** What a page knows of the engine: how the link stands and every VM, in the order of their creation. */
export interface VmsState {
  link: "connecting" | "ready" | "lost";
  /** Why the link is lost. */
  problem?: ErrorData;
  vms: readonly VmInfo[];
  /** Number of the last event seen. */
  seq: number;
  /** Grows each time that images or disks may have changed. */
  storage: number;
}

export type VmsAction =
  | { type: "connecting" }
  | { type: "lost"; problem: ErrorData }
  | { type: "listed"; vms: VmInfo[] }
  | { type: "event"; event: EngineEvent };

export const noVms: VmsState = { link: "connecting", vms: [], seq: 0, storage: 0 };

/** Pure. While the link is lost the last known VMs stay, so that a page that reconnects doesn't flicker. */
export function reduceVms(state: VmsState, action: VmsAction): VmsState {
  switch (action.type) {
    case "connecting":
      return withoutProblem({ ...state, link: "connecting" });
    case "lost":
      return { ...state, link: "lost", problem: action.problem };
    case "listed":
      return withoutProblem({ ...state, link: "ready", vms: action.vms, storage: state.storage + 1 });
    case "event":
      return { ...applyEvent(state, action.event), seq: Math.max(state.seq, action.event.seq) };
  }
}

function withoutProblem({ problem: _, ...state }: VmsState): VmsState {
  return state;
}

function applyEvent(state: VmsState, event: EngineEvent): VmsState {
  const { vms } = state;
  switch (event.type) {
    case "storage":
      return { ...state, storage: state.storage + 1 };
    case "vm-deleted":
      return { ...state, vms: vms.filter((vm) => vm.id !== event.id) };
    case "vm": {
      const at = vms.findIndex((vm) => vm.id === event.vm.id);
      return { ...state, vms: at < 0 ? [...vms, event.vm] : vms.with(at, event.vm) };
    }
  }
}

export function findVm(state: VmsState, id: VmId | undefined): VmInfo | undefined {
  return id === undefined ? undefined : state.vms.find((vm) => vm.id === id);
}

/** VMs whose name or state label has every word of the filter, whatever the case. */
export function filterVms(vms: readonly VmInfo[], filter: string): readonly VmInfo[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return vms;
  return vms.filter((vm) => {
    const text = `${vm.profile.name} ${vm.state} ${vm.profile.machine}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The VM that is next in line when one goes, so that the selection doesn't jump to the top. */
export function neighbour(vms: readonly VmInfo[], id: VmId): VmId | undefined {
  const at = vms.findIndex((vm) => vm.id === id);
  return (vms[at + 1] ?? vms[at - 1])?.id;
}
