import { useState } from "preact/hooks";
import type { ExportFormat } from "../../src/engine/api.ts";
import { CheckField, oneOf, SelectField, TextField } from "../../src/ui/fields.tsx";
import { FileField } from "../../src/ui/file-field.tsx";
import { FormDialog } from "../../src/ui/form-dialog.tsx";
import { describeChanges } from "../../src/ui/images.ts";
import { freeName } from "../../src/ui/quick-vm.ts";
import { showInfo } from "../../src/ui/toasts.ts";
import { usePanel } from "../context.ts";
import { commitDisk, exportDisk } from "../disk-actions.ts";
import { useImages } from "../use-answer.ts";
import { runLong } from "../work.ts";
import type { DiskDialogProps } from "./dialog.ts";

export function Commit({ vm, disk, onClose }: DiskDialogProps) {
  const panel = usePanel();
  const { value: images = [] } = useImages();
  const [name, setName] = useState<string>();
  const [attach, setAttach] = useState(false);
  const [checked, setChecked] = useState(false);
  const shown =
    name ??
    freeName(
      `${vm.profile.name} ${disk.disk}`,
      images.map((image) => image.name),
    );
  const submit = async () => {
    setChecked(true);
    if (!shown.trim()) return false;
    void commitDisk(panel, disk, shown.trim(), attach);
    return true;
  };
  return (
    <FormDialog title={`Commit ${disk.disk} into a new image`} submit="Commit" onSubmit={submit} onClose={onClose}>
      <TextField
        label="Name"
        autofocus
        value={shown}
        problem={checked && !shown.trim() ? "Give the image a name." : undefined}
        onChange={setName}
      />
      <CheckField label="Go on with the new image" checked={attach} onChange={setAttach} />
      <p class="form-text subtle">
        {attach
          ? `The disk lies above the new image then, with no changes; ${disk.name} stays as it is.`
          : "The disk, its image and its changes stay as they are."}
      </p>
    </FormDialog>
  );
}

const EXPORTS: Record<ExportFormat, string> = {
  overlay: "Changes alone (overlay)",
  raw: "Whole disk, raw",
  qcow2: "Whole disk, qcow2",
};

const EXPORT_HINTS: Record<ExportFormat, string> = {
  overlay: "A small file for whoever has the same image: it is imported into a disk above it.",
  raw: "The bytes of the disk as the guest sees them.",
  qcow2: "For QEMU and others that read it; what is empty takes no space.",
};

export function Export({ vm, disk, onClose }: DiskDialogProps) {
  const panel = usePanel();
  const { overlay, ...whole } = EXPORTS;
  const choices: Partial<Record<ExportFormat, string>> = { ...(disk.changes ? { overlay } : {}), ...whole };
  const [format, setFormat] = useState<ExportFormat>(disk.format === "raw" ? "raw" : "qcow2");
  const submit = async () => {
    void exportDisk(panel, vm, disk, format);
    return true;
  };
  return (
    <FormDialog title={`Export ${disk.disk}`} submit="Export" onSubmit={submit} onClose={onClose}>
      <SelectField
        label="What"
        autofocus
        choices={choices}
        value={format}
        onChange={(value) => setFormat(oneOf(choices, value, format))}
      />
      <p class="form-text subtle">{EXPORT_HINTS[format]}</p>
    </FormDialog>
  );
}

export function Import({ disk, onClose }: DiskDialogProps) {
  const panel = usePanel();
  const [file, setFile] = useState<File>();
  const [checked, setChecked] = useState(false);
  const submit = async (signal: AbortSignal) => {
    setChecked(true);
    if (!file) return false;
    const begin = () => panel.link.engine().importOverlay(disk.vm, disk.disk, file);
    await runLong(panel, `Importing changes of ${disk.disk}`, begin, signal);
    showInfo(panel.toasts, `${disk.disk} has the changes of ${file.name}.`);
    return true;
  };
  return (
    <FormDialog
      title={`Import changes of ${disk.disk}`}
      submit={disk.changes ? "Replace changes" : "Import"}
      danger={disk.changes !== undefined}
      onSubmit={submit}
      onClose={onClose}
    >
      <FileField
        label="Overlay file"
        accept=".qwov"
        file={file}
        problem={checked && !file ? "Choose a file." : undefined}
        onChange={setFile}
      />
      <p class="form-text subtle">
        {`The file must have been exported from a disk above ${disk.name}; it is checked before anything is changed.`}
      </p>
      {disk.changes && (
        <p class="form-text">{`The changes that the disk has now (${describeChanges(disk)}) are deleted for good.`}</p>
      )}
    </FormDialog>
  );
}
