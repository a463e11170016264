import type { FileRole } from "../../src/ui/image-file.ts";
import type { NewVmForm, Problems } from "../../src/ui/vm-form.ts";
import { SelectField, TextField } from "./fields.tsx";
import { FileField } from "./file-field.tsx";

export interface FormFieldsProps {
  form: NewVmForm;
  problems: Problems;
  onChange: (part: Partial<NewVmForm>) => void;
  onFile: (role: FileRole, file: File | undefined) => void;
}

const MACHINES = { q35: "q35 (PCI Express)", pc: "pc (i440FX)", microvm: "microvm (no PCI)" } as const;
const FORMATS = {
  raw: "raw",
  qcow2: "qcow2",
  vmdk: "vmdk (VMware)",
  vdi: "vdi (VirtualBox)",
  vhdx: "vhdx (Hyper-V)",
  vpc: "vhd (Virtual PC)",
} as const;
const INTERFACES = { virtio: "virtio", ide: "IDE or SATA", scsi: "SCSI", nvme: "NVMe" } as const;
const ACCESS = {
  persistent: "Changes are kept",
  snapshot: "Changes are discarded at power-off",
  readonly: "Read-only",
} as const;
const SERIALS = { isa: "PC serial port (ttyS0)", virtio: "virtio console (hvc0)" } as const;

export function FormFields({ form, problems, onChange, onFile }: FormFieldsProps) {
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
      <FileField label="Disk" file={form.disk} problem={problems.disk} onChange={(file) => onFile("disk", file)} />
      {form.disk && (
        <>
          <SelectField
            label="Disk format"
            choices={FORMATS}
            value={form.diskFormat}
            problem={problems.diskFormat}
            onChange={(format) => onChange({ diskFormat: oneOf(FORMATS, format, form.diskFormat) })}
          />
          <SelectField
            label="Disk interface"
            choices={form.machine === "microvm" ? { virtio: INTERFACES.virtio } : INTERFACES}
            value={form.diskInterface}
            problem={problems.diskInterface}
            onChange={(value) => onChange({ diskInterface: oneOf(INTERFACES, value, form.diskInterface) })}
          />
          <SelectField
            label="Disk access"
            choices={ACCESS}
            value={form.diskAccess}
            problem={problems.diskAccess}
            onChange={(access) => onChange({ diskAccess: oneOf(ACCESS, access, form.diskAccess) })}
          />
        </>
      )}
      <FileField label="CD-ROM" file={form.cdrom} problem={problems.cdrom} onChange={(file) => onFile("cdrom", file)} />

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

function oneOf<K extends string>(choices: Record<K, string>, value: string, otherwise: K): K {
  return value in choices ? (value as K) : otherwise;
}
