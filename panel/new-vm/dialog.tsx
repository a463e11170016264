import "../../src/ui/form.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ErrorData, toErrorData } from "../../src/core/errors.ts";
import type { ImageInfo } from "../../src/engine/api.ts";
import { Button } from "../../src/ui/button.tsx";
import type { DiskForm } from "../../src/ui/disk-form.ts";
import { FormRefused } from "../../src/ui/form-refused.tsx";
import { type FileRole, guessDiskFormat, guessRole, readHead } from "../../src/ui/image-file.ts";
import { Modal } from "../../src/ui/modal.tsx";
import { freeName } from "../../src/ui/quick-vm.ts";
import { buildVm, changeForm, emptyForm, type NewVm, type NewVmForm, type Problems } from "../../src/ui/vm-form.ts";
import { wasCancelled } from "../../src/ui/works.ts";
import { createVm } from "../actions.ts";
import { usePanel } from "../context.ts";
import { imageFor } from "../image-actions.ts";
import type { NewVmRequest } from "../state.ts";
import { useImages } from "../use-answer.ts";
import { FormFields } from "./form-fields.tsx";

/** Makes a VM from the user's own files and images. Files that were dropped on the list go each where it fits. */
export function NewVmDialog({ request, onClose }: { request: NewVmRequest; onClose: () => void }) {
  const panel = usePanel();
  const { value: images = [] } = useImages();
  const [form, setForm] = useState<NewVmForm>(() => {
    const names = panel.link.store.get().vms.map((vm) => vm.profile.name);
    return withImage(emptyForm(freeName("New VM", names)), request.image);
  });
  const [problems, setProblems] = useState<Problems>({});
  const [refused, setRefused] = useState<ErrorData>();
  const [busy, setBusy] = useState<"create" | "start">();
  const body = useRef<HTMLFormElement>(null);
  const closed = useRef(new AbortController());

  const change = (part: Partial<NewVmForm>) => {
    setForm((before) => changeForm(before, part));
    setProblems((before) => {
      const left = { ...before };
      for (const key of Object.keys(part)) delete left[key as keyof NewVmForm];
      return left;
    });
  };
  const setFile = async (role: FileRole, file: File | undefined) => {
    if (role !== "disk") return change({ [role]: file });
    const setDisk = (part: Partial<DiskForm>) => {
      setForm((before) => ({ ...before, disk: { ...before.disk, ...part } }));
      setProblems(({ disk: _, ...others }) => others);
    };
    setDisk(file ? { origin: "file", file, format: guessDiskFormat(file.name) } : { file });
    const head = file && (await readOr(file, setRefused));
    if (head) setDisk({ format: guessDiskFormat(file.name, head) });
  };
  const takeFiles = async (dropped: readonly File[]) => {
    for (const file of dropped) {
      const head = await readOr(file, setRefused);
      if (head) await setFile(guessRole(file.name, head), file);
    }
  };
  useEffect(() => {
    void takeFiles(request.files);
    return () => closed.current.abort();
  }, []);

  const submit = async (start: boolean) => {
    if (busy) return;
    setRefused(undefined);
    try {
      const result = buildVm(form);
      if ("problems" in result) {
        setProblems(result.problems);
        requestAnimationFrame(() => body.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
        return;
      }
      setBusy(start ? "start" : "create");
      await create(form, start);
      onClose();
    } catch (thrown) {
      if (!wasCancelled(thrown)) setRefused(toErrorData(thrown));
      setBusy(undefined);
    }
  };

  /** What was made for the VM alone goes again when the VM can't be made. */
  const create = async (form: NewVmForm, start: boolean) => {
    const { origin } = form.disk;
    if (origin === "file") return createVm(panel, built(form), start);
    const image = await imageFor(panel, form.disk, form.name.trim(), closed.current.signal);
    try {
      await createVm(panel, built(form, image), start);
    } catch (thrown) {
      if (origin !== "image") await panel.link.engine().deleteImage(image.id);
      throw thrown;
    }
  };

  return (
    <Modal
      title="New VM"
      onClose={onClose}
      footer={
        <>
          <FormRefused error={refused} />
          <Button label="Cancel" onClick={onClose} />
          <Button label="Create" busy={busy === "create"} onClick={() => void submit(false)} />
          <Button kind="primary" label="Create and start" busy={busy === "start"} onClick={() => void submit(true)} />
        </>
      }
    >
      <form
        ref={body}
        class="form"
        autocomplete="off"
        onSubmit={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          const { target } = event;
          if (event.key !== "Enter" || !(target instanceof HTMLInputElement) || target.type !== "text") return;
          event.preventDefault();
          void submit(true);
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          void takeFiles([...(event.dataTransfer?.files ?? [])]);
        }}
      >
        <FormFields
          form={form}
          problems={problems}
          images={images}
          onChange={change}
          onFile={(role, file) => void setFile(role, file)}
        />
      </form>
    </Modal>
  );
}

/** A form that was found to have no problems, as a VM. */
function built(form: NewVmForm, image?: ImageInfo): NewVm {
  const result = buildVm(form, image);
  if ("problems" in result) throw new Error("The form has problems.");
  return result;
}

/** The form with an image where it fits: its name tells a CD-ROM. */
function withImage(form: NewVmForm, image: ImageInfo | undefined): NewVmForm {
  if (!image) return form;
  if (guessRole(image.name, new Uint8Array()) === "cdrom") return { ...form, cdrom: { image: image.id } };
  return { ...form, disk: { ...form.disk, origin: "image", image: image.id } };
}

async function readOr(file: File, onProblem: (problem: ErrorData) => void): Promise<Uint8Array | undefined> {
  try {
    return await readHead(file);
  } catch {
    onProblem({
      code: "file-unreadable",
      message: `${file.name} could not be read.`,
      hint: "Choose it again: it may have been moved or changed since.",
    });
    return undefined;
  }
}
