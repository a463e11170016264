import { useState } from "preact/hooks";
import type { VmInfo } from "../../src/engine/api.ts";
import type { NicModel } from "../../src/model/profile.ts";
import { oneOf, SelectField, TextField } from "../../src/ui/fields.tsx";
import { FormDialog } from "../../src/ui/form-dialog.tsx";
import { modelChoices, nicOf } from "../../src/ui/nic-form.ts";
import { isAlive } from "../../src/ui/vm-state.ts";
import { usePanel } from "../context.ts";
import { addNic } from "../nic-actions.ts";

export function AddAdapter({ vm, onClose }: { vm: VmInfo; onClose: () => void }) {
  const panel = usePanel();
  const [model, setModel] = useState<NicModel>("virtio");
  const [address, setAddress] = useState("");
  const [problem, setProblem] = useState<string>();
  const { name, machine, nics } = vm.profile;
  const choices = modelChoices(machine, isAlive(vm.state));
  const submit = async () => {
    const macs = nics.map(({ mac }) => mac);
    const nic = nicOf(model, address, macs);
    setProblem("problem" in nic ? nic.problem : undefined);
    if ("problem" in nic) return false;
    await addNic(panel, vm.id, nic);
    return true;
  };
  return (
    <FormDialog title={`Add a network adapter to ${name}`} submit="Add" onSubmit={submit} onClose={onClose}>
      <SelectField
        label="Model"
        autofocus
        choices={choices}
        value={model}
        onChange={(value) => setModel(oneOf<NicModel>(choices, value, model))}
      />
      <TextField
        label="Address"
        kind="mono"
        placeholder="Chosen when left empty"
        value={address}
        problem={problem}
        onChange={(text) => {
          setAddress(text);
          setProblem(undefined);
        }}
      />
    </FormDialog>
  );
}
