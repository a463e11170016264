import "../../src/ui/table.css";
import "./network.css";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { VmInfo } from "../../src/engine/api.ts";
import type { Nic } from "../../src/model/profile.ts";
import { Button } from "../../src/ui/button.tsx";
import { EmptyState } from "../../src/ui/empty-state.tsx";
import { NIC_NAMES } from "../../src/ui/nic-form.ts";
import { Toolbar, ToolbarSpacer } from "../../src/ui/toolbar.tsx";
import { isAlive } from "../../src/ui/vm-state.ts";
import { usePanel } from "../context.ts";
import type { TabProps } from "../details.tsx";
import { whyFixed } from "../hardware.ts";
import { removeNic, whyHeld } from "../nic-actions.ts";
import { copy } from "../work.ts";
import { AddAdapter } from "./add-dialog.tsx";

/** The VM's network adapters. */
export function NetworkTab({ vm }: TabProps) {
  const [adding, setAdding] = useState(false);
  const { nics } = vm.profile;
  const fixed = whyFixed(vm);
  const root = useRef<HTMLDivElement>(null);
  const shown = useRef(nics.length);
  useLayoutEffect(() => {
    // A row that goes takes the focus with it.
    const isLost = nics.length < shown.current && document.activeElement === document.body;
    if (isLost) root.current?.querySelector("button")?.focus();
    shown.current = nics.length;
  }, [nics.length]);
  return (
    <div class="network" ref={root}>
      <Toolbar label="Network adapters">
        <Button kind="tool" icon="add" label="Add adapter" disabled={fixed} onClick={() => setAdding(true)} />
        <ToolbarSpacer />
      </Toolbar>
      {nics.length > 0 ? (
        <AdapterTable vm={vm} fixed={fixed} />
      ) : (
        <EmptyState
          heading="No network adapters"
          text="Add one for a guest that looks for it; there is no network yet to put it on."
        >
          <Button icon="add" label="Add adapter" disabled={fixed} onClick={() => setAdding(true)} />
        </EmptyState>
      )}
      {adding && <AddAdapter vm={vm} onClose={() => setAdding(false)} />}
    </div>
  );
}

function AdapterTable({ vm, fixed }: { vm: VmInfo; fixed: string | undefined }) {
  return (
    <div class="table-rows nic-table">
      <table aria-label="Network adapters">
        <thead>
          <tr>
            <th scope="col">Adapter</th>
            <th scope="col">Model</th>
            <th scope="col">Address</th>
            <th scope="col" class="nic-cable">
              Cable
            </th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {vm.profile.nics.map((nic) => (
            <AdapterRow key={nic.id} vm={vm} nic={nic} fixed={fixed} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AdapterRow({ vm, nic, fixed }: { vm: VmInfo; nic: Nic; fixed: string | undefined }) {
  const panel = usePanel();
  const [removing, setRemoving] = useState(false);
  const { id, model, mac } = nic;
  const held = isAlive(vm.state) ? whyHeld(vm, nic) : undefined;
  const remove = async () => {
    setRemoving(true);
    await removeNic(panel, vm.id, nic);
    setRemoving(false);
  };
  return (
    <tr>
      <th scope="row">{id}</th>
      <td>{NIC_NAMES[model]}</td>
      <td>
        <span class="nic-address">
          <code class="mono selectable">{mac}</code>
          <Button
            kind="tool"
            icon="copy"
            iconOnly
            label={`Copy the address of ${id}`}
            onClick={() => void copy(panel, mac, `${mac} was copied.`)}
          />
        </span>
      </td>
      <td class="nic-cable" title={UNPLUGGED}>
        {UNPLUGGED}
      </td>
      <td class="actions">
        <Button
          kind="tool"
          icon="delete"
          iconOnly
          label={`Remove ${id}`}
          busy={removing}
          disabled={fixed ?? held}
          onClick={() => void remove()}
        />
      </td>
    </tr>
  );
}

const UNPLUGGED = "Unplugged: there is no network to put it on.";
