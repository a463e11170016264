import { useState } from "preact/hooks";
import { type DiskForm, type DiskProblems, diskProblems, emptyDisk } from "../../src/ui/disk-form.ts";
import { oneOf, SelectField } from "../../src/ui/fields.tsx";
import { FileField } from "../../src/ui/file-field.tsx";
import { FormDialog } from "../../src/ui/form-dialog.tsx";
import { isAlive } from "../../src/ui/vm-state.ts";
import { usePanel } from "../context.ts";
import { attachDisk, insertFile, setCdrom } from "../disk-actions.ts";
import { DiskFields, imageChoices } from "../disk-fields.tsx";
import { useImages } from "../use-answer.ts";
import type { VmDialogProps } from "./dialog.ts";

export function Attach({ vm, onClose }: VmDialogProps) {
  const panel = usePanel();
  const { value: images = [] } = useImages();
  const live = isAlive(vm.state);
  const [form, setForm] = useState<DiskForm>(() => emptyDisk("image"));
  const [problems, setProblems] = useState<DiskProblems>({});
  const submit = async (signal: AbortSignal) => {
    const found = diskProblems(form, vm.profile.machine);
    if (form.origin === "file" && !form.file) found.file = "Choose a file.";
    setProblems(found);
    if (Object.keys(found).length > 0) return false;
    await attachDisk(panel, vm, form, signal);
    return true;
  };
  return (
    <FormDialog title={`Attach a disk to ${vm.profile.name}`} submit="Attach" onSubmit={submit} onClose={onClose}>
      <DiskFields
        form={form}
        machine={vm.profile.machine}
        problems={problems}
        images={images}
        asksFormat={false}
        autofocus
        live={live}
        onChange={(part) => {
          setForm((before) => ({ ...before, ...part }));
          setProblems({});
        }}
      />
      {form.origin === "file" && <p class="form-text subtle">The file is imported into the library first.</p>}
      {form.origin === "url" && <p class="form-text subtle">Chrome asks whether QemuWeb may read from the server.</p>}
    </FormDialog>
  );
}

const CD_SOURCES = { image: "Image of the library", file: "File on this computer" } as const;

export function Insert({ vm, onClose }: VmDialogProps) {
  const panel = usePanel();
  const { value: images = [] } = useImages();
  const [source, setSource] = useState<keyof typeof CD_SOURCES>("image");
  const [image, setImage] = useState("");
  const [file, setFile] = useState<File>();
  const [checked, setChecked] = useState(false);
  const submit = async (signal: AbortSignal) => {
    setChecked(true);
    if (source === "image" ? !image : !file) return false;
    if (source === "image") await setCdrom(panel, vm.id, { from: "image", id: image });
    else if (file) await insertFile(panel, vm.id, file, signal);
    return true;
  };
  return (
    <FormDialog title="Insert a CD" submit="Insert" onSubmit={submit} onClose={onClose}>
      <SelectField
        label="CD source"
        autofocus
        choices={CD_SOURCES}
        value={source}
        onChange={(value) => setSource(oneOf(CD_SOURCES, value, source))}
      />
      {source === "image" ? (
        <SelectField
          label="Image"
          choices={imageChoices(images)}
          value={image}
          problem={checked && !image ? "Choose an image." : undefined}
          onChange={setImage}
        />
      ) : (
        <FileField
          label="File"
          accept=".iso,.img"
          file={file}
          problem={checked && !file ? "Choose a file." : undefined}
          onChange={setFile}
        />
      )}
    </FormDialog>
  );
}
