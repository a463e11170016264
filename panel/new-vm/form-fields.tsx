import type { ImageInfo } from "../../src/engine/api.ts";
import { oneOf, SelectField, TextField } from "../../src/ui/fields.tsx";
import { FileField } from "../../src/ui/file-field.tsx";
import type { FileRole } from "../../src/ui/image-file.ts";
import type { NewVmForm, Problems } from "../../src/ui/vm-form.ts";
import { DiskFields, imageChoices } from "../disk-fields.tsx";

export interface FormFieldsProps {
  form: NewVmForm;
  problems: Problems;
  /** Of the library. */
  images: readonly ImageInfo[];
  onChange: (part: Partial<NewVmForm>) => void;
  onFile: (role: FileRole, file: File | undefined) => void;
}

const MACHINES = { q35: "q35 (PCI Express)", pc: "pc (i440FX)", microvm: "microvm (no PCI)" } as const;
const DISPLAYS = {
  std: "Standard VGA",
  virtio: "virtio (faster, needs a driver)",
  cirrus: "Cirrus (for old systems)",
  none: "None",
} as const;
const POINTERS = { tablet: "Tablet (follows your pointer)", mouse: "Mouse (captures your pointer)" } as const;
const SOUNDS = { none: "None", hda: "Intel HD Audio" } as const;
const SERIALS = { isa: "PC serial port (ttyS0)", virtio: "virtio console (hvc0)" } as const;

export function FormFields({ form, problems, images, onChange, onFile }: FormFieldsProps) {
  return (
    <>
      <TextField
        label="Name"
        autofocus
        value={form.name}
        problem={problems.name}
        onChange={(name) => onChange({ name })}
      />
      <SelectField
        label="Machine"
        choices={MACHINES}
        value={form.machine}
        problem={problems.machine}
        onChange={(machine) => onChange({ machine: oneOf(MACHINES, machine, form.machine) })}
      />
      <TextField
        label="Memory"
        kind="number"
        unit="MiB"
        value={form.memory}
        problem={problems.memory}
        onChange={(memory) => onChange({ memory })}
      />
      <TextField
        label="CPUs"
        kind="number"
        value={form.smp}
        problem={problems.smp}
        onChange={(smp) => onChange({ smp })}
      />

      <h3>Boot</h3>
      <p class="form-hint subtle">Choose a kernel to boot it directly, or leave it out to boot from disk or CD-ROM.</p>
      <FileField
        label="Kernel"
        file={form.kernel}
        problem={problems.kernel}
        onChange={(file) => onFile("kernel", file)}
      />
      <FileField
        label="Initrd"
        file={form.initrd}
        problem={problems.initrd}
        onChange={(file) => onFile("initrd", file)}
      />
      <TextField
        label="Kernel command line"
        kind="mono"
        value={form.append}
        problem={problems.append}
        onChange={(append) => onChange({ append })}
      />

      <h3>Storage</h3>
      <DiskFields
        form={form.disk}
        machine={form.machine}
        problems={problems.disk ?? {}}
        images={images}
        asksFormat
        onChange={(part) =>
          "file" in part ? onFile("disk", part.file) : onChange({ disk: { ...form.disk, ...part } })
        }
      />
      <CdromFields cdrom={form.cdrom} problem={problems.cdrom} images={images} onFile={onFile} onChange={onChange} />

      <h3>Display</h3>
      <SelectField
        label="Graphics card"
        choices={form.machine === "microvm" ? { none: DISPLAYS.none } : DISPLAYS}
        value={form.display}
        problem={problems.display}
        onChange={(display) => onChange({ display: oneOf(DISPLAYS, display, form.display) })}
      />
      {form.display !== "none" && (
        <SelectField
          label="Pointer"
          choices={POINTERS}
          value={form.pointer}
          problem={problems.pointer}
          onChange={(pointer) => onChange({ pointer: oneOf(POINTERS, pointer, form.pointer) })}
        />
      )}

      {form.display !== "none" && (
        <SelectField
          label="Sound card"
          choices={SOUNDS}
          value={form.sound}
          problem={problems.sound}
          onChange={(sound) => onChange({ sound: oneOf(SOUNDS, sound, form.sound) })}
        />
      )}

      <h3>Advanced</h3>
      <SelectField
        label="Serial port"
        choices={SERIALS}
        value={form.serial}
        problem={problems.serial}
        onChange={(serial) => onChange({ serial: oneOf(SERIALS, serial, form.serial) })}
      />
      <TextField
        label="Extra QEMU arguments"
        kind="mono"
        placeholder="-device virtio-balloon-pci"
        value={form.extra}
        problem={problems.extra}
        onChange={(extra) => onChange({ extra })}
      />
    </>
  );
}

interface CdromFieldsProps {
  cdrom: NewVmForm["cdrom"];
  problem: string | undefined;
  images: readonly ImageInfo[];
  onChange: FormFieldsProps["onChange"];
  onFile: FormFieldsProps["onFile"];
}

const CDROM_SOURCES = { file: "File on this computer", image: "Image of the library" } as const;

function CdromFields({ cdrom, problem, images, onChange, onFile }: CdromFieldsProps) {
  const image = cdrom instanceof File ? undefined : cdrom?.image;
  const source = image === undefined ? "file" : "image";
  return (
    <>
      <SelectField
        label="CD-ROM source"
        choices={CDROM_SOURCES}
        value={source}
        onChange={(value) => onChange({ cdrom: value === "image" ? { image: "" } : undefined })}
      />
      {image === undefined ? (
        <FileField
          label="CD-ROM"
          file={cdrom instanceof File ? cdrom : undefined}
          problem={problem}
          onChange={(file) => onFile("cdrom", file)}
        />
      ) : (
        <SelectField
          label="CD-ROM image"
          choices={imageChoices(images)}
          value={image}
          problem={problem}
          onChange={(id) => onChange({ cdrom: { image: id } })}
        />
      )}
    </>
  );
}
