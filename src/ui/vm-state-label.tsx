import type { VmState } from "../engine/api.ts";
import { Icon } from "./icon.tsx";
import { STATE_LOOKS } from "./vm-state.ts";

/** A VM's state as icon and word. */
export function VmStateLabel({ state }: { state: VmState }) {
  const { label, icon, tone } = STATE_LOOKS[state];
  return (
    <span class="vm-state">
      <span class={`vm-state-icon tone-${tone}`}>
        <Icon name={icon} />
      </span>
      <span class="vm-state-text">{label}</span>
    </span>
  );
}
