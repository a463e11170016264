import type { ImageInfo } from "../src/engine/api.ts";
import type { MachineType } from "../src/model/profile.ts";
import {
  ACCESS,
  BLANK_FORMATS,
  type DiskForm,
  type DiskOrigin,
  type DiskProblems,
  describeImage,
  FORMATS,
  INTERFACES,
  interfaceChoices,
  wantsDisk,
} from "../src/ui/disk-form.ts";
import { oneOf, SelectField, SizeField, TextField } from "../src/ui/fields.tsx";
import { FileField } from "../src/ui/file-field.tsx";

const ORIGINS: Record<DiskOrigin, string> = {
  file: "File on this computer",
  image: "Image of the library",
  blank: "New blank disk",
  url: "Image at a URL",
};

export interface DiskFieldsProps {
  form: DiskForm;
  machine: MachineType;
  problems: DiskProblems;
  images: readonly ImageInfo[];
  /** Whether a file's format is asked for: the library tells it by itself. */
  asksFormat: boolean;
  autofocus?: boolean;
  /** It is put into a VM that runs. */
  live?: boolean;
  onChange: (part: Partial<DiskForm>) => void;
}

/** Where a disk comes from, and how the guest has it. */
export function DiskFields(props: DiskFieldsProps) {
  const { form, machine, problems, images, asksFormat, autofocus = false, live = false, onChange } = props;
  const { origin } = form;
  return (
    <>
      <SelectField
        label="Disk source"
        autofocus={autofocus}
        choices={ORIGINS}
        value={origin}
        onChange={(value) => onChange(originChange(form, oneOf(ORIGINS, value, origin)))}
      />
      {origin === "file" && (
        <FileField label="Disk" file={form.file} problem={problems.file} onChange={(file) => onChange({ file })} />
      )}
      {origin === "image" && (
        <SelectField
          label="Image"
          choices={imageChoices(images)}
          value={form.image ?? ""}
          problem={problems.image}
          onChange={(id) => onChange({ image: id || undefined })}
        />
      )}
      {origin === "url" && (
        <TextField
          label="URL"
          placeholder="https://"
          value={form.url}
          problem={problems.url}
          onChange={(url) => onChange({ url })}
        />
      )}
      {origin === "blank" && (
        <SizeField
          label="Disk size"
          value={form.size}
          problem={problems.size}
          onChange={(size) => onChange({ size })}
        />
      )}
      {wantsDisk(form) && (
        <>
          {(origin === "blank" || (origin === "file" && asksFormat)) && (
            <SelectField
              label="Disk format"
              choices={origin === "blank" ? BLANK_FORMATS : FORMATS}
              value={form.format}
              problem={problems.format}
              onChange={(value) => onChange({ format: oneOf(FORMATS, value, form.format) })}
            />
          )}
          <SelectField
            label="Disk interface"
            choices={interfaceChoices(machine, live)}
            value={form.interface}
            problem={problems.interface}
            onChange={(value) => onChange({ interface: oneOf(INTERFACES, value, form.interface) })}
          />
          <SelectField
            label="Disk access"
            choices={ACCESS}
            value={form.access}
            problem={problems.access}
            onChange={(value) => onChange({ access: oneOf(ACCESS, value, form.access) })}
          />
        </>
      )}
    </>
  );
}

/** A blank disk has a format that can be made. */
function originChange(form: DiskForm, origin: DiskOrigin): Partial<DiskForm> {
  return origin === "blank" && !(form.format in BLANK_FORMATS) ? { origin, format: "raw" } : { origin };
}

/** The images by their ids, and what stands for none. */
export function imageChoices(images: readonly ImageInfo[]): Record<string, string> {
  const none = images.length === 0 ? "The library is empty" : "Choose an image";
  return { "": none, ...Object.fromEntries(images.map((image) => [image.id, describeImage(image)])) };
}
