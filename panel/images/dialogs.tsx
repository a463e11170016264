import { useState } from "preact/hooks";
import { BLANK_FORMATS, nameOfUrl, urlProblem } from "../../src/ui/disk-form.ts";
import { CheckField, oneOf, SelectField, SizeField, TextField } from "../../src/ui/fields.tsx";
import { FormDialog } from "../../src/ui/form-dialog.tsx";
import { formatBytes } from "../../src/ui/format.ts";
import { whyKept } from "../../src/ui/images.ts";
import { freeName } from "../../src/ui/quick-vm.ts";
import { parseSize, type SizeText } from "../../src/ui/size-field.ts";
import { usePanel, useVms } from "../context.ts";
import { deleteImage, importUrl, selectImage } from "../image-actions.ts";
import type { ImageDialog } from "../state.ts";
import { useImages } from "../use-answer.ts";

type ImageInfo = Extract<ImageDialog, { image: unknown }>["image"];

interface DialogProps {
  onClose: () => void;
}

export function ImageDialogView({ dialog, onClose }: DialogProps & { dialog: ImageDialog }) {
  switch (dialog.type) {
    case "new-image":
      return <NewImage onClose={onClose} />;
    case "image-from-url":
      return <FromUrl onClose={onClose} />;
    case "rename-image":
      return <Rename image={dialog.image} onClose={onClose} />;
    case "delete-image":
      return <Delete image={dialog.image} onClose={onClose} />;
  }
}

const NO_NAME = "Give the image a name.";

function NewImage({ onClose }: DialogProps) {
  const panel = usePanel();
  const { value: images = [] } = useImages();
  const [name, setName] = useState<string>();
  const [size, setSize] = useState<SizeText>({ amount: "10", unit: "GiB" });
  const [format, setFormat] = useState<keyof typeof BLANK_FORMATS>("raw");
  const [checked, setChecked] = useState(false);
  const named = (
    name ??
    freeName(
      "Blank disk",
      images.map((image) => image.name),
    )
  ).trim();
  const bytes = parseSize(size);
  const submit = async () => {
    setChecked(true);
    if (!named || typeof bytes === "object") return false;
    const image = await panel.link.engine().createImage({ name: named, format, virtualSize: bytes });
    selectImage(panel, image.id);
    return true;
  };
  return (
    <FormDialog title="New blank image" submit="Create" onSubmit={submit} onClose={onClose}>
      <TextField
        label="Name"
        autofocus
        value={name ?? named}
        problem={checked && !named ? NO_NAME : undefined}
        onChange={setName}
      />
      <SizeField
        label="Size"
        value={size}
        problem={checked && typeof bytes === "object" ? bytes.problem : undefined}
        onChange={setSize}
      />
      <SelectField
        label="Format"
        choices={BLANK_FORMATS}
        value={format}
        onChange={(value) => setFormat(oneOf(BLANK_FORMATS, value, format))}
      />
      <p class="form-text subtle">It takes next to no space until a VM writes to it.</p>
    </FormDialog>
  );
}

function FromUrl({ onClose }: DialogProps) {
  const panel = usePanel();
  const [url, setUrl] = useState("");
  const [name, setName] = useState("");
  const [download, setDownload] = useState(false);
  const [checked, setChecked] = useState(false);
  const problem = urlProblem(url);
  const guessed = problem ? "" : nameOfUrl(url);
  const submit = async (signal: AbortSignal) => {
    setChecked(true);
    if (problem) return false;
    const image = await importUrl(panel, { url: url.trim(), name: name.trim() || guessed, link: !download }, signal);
    selectImage(panel, image.id);
    return true;
  };
  return (
    <FormDialog title="Image from a URL" submit="Add" onSubmit={submit} onClose={onClose}>
      <TextField
        label="URL"
        autofocus
        placeholder="https://"
        value={url}
        problem={checked ? problem : undefined}
        onChange={setUrl}
      />
      <TextField label="Name" placeholder={guessed} value={name} onChange={setName} />
      <CheckField label="Download it now" checked={download} onChange={setDownload} />
      <p class="form-text subtle">
        {download
          ? "The whole image is stored in this browser."
          : "The image stays on its server: a VM fetches the parts that it reads. A server that can't send parts is downloaded from whole."}{" "}
        Chrome asks whether QemuWeb may read from the server.
      </p>
    </FormDialog>
  );
}

function Rename({ image, onClose }: DialogProps & { image: ImageInfo }) {
  const panel = usePanel();
  const [name, setName] = useState(image.name);
  const submit = async () => {
    if (!name.trim()) return false;
    await panel.link.engine().renameImage(image.id, name.trim());
    return true;
  };
  return (
    <FormDialog title={`Rename ${image.name}`} submit="Rename" onSubmit={submit} onClose={onClose}>
      <TextField label="Name" autofocus value={name} problem={name.trim() ? undefined : NO_NAME} onChange={setName} />
    </FormDialog>
  );
}

function Delete({ image, onClose }: DialogProps & { image: ImageInfo }) {
  const panel = usePanel();
  const vms = useVms((state) => state.vms);
  const { value: images } = useImages();
  const now = images?.find((other) => other.id === image.id) ?? image;
  const submit = async () => {
    void deleteImage(panel, image);
    return true;
  };
  return (
    <FormDialog
      title={`Delete ${image.name}?`}
      submit="Delete"
      danger
      disabled={whyKept(now, vms)}
      onSubmit={submit}
      onClose={onClose}
    >
      <p class="form-text">
        {image.storedBytes > 0
          ? `It is removed from this browser for good, and ${formatBytes(image.storedBytes)} are freed.`
          : "It is removed from the library; nothing is stored of it."}
      </p>
    </FormDialog>
  );
}
