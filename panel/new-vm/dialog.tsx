import "./dialog.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ErrorData, toErrorData } from "../../src/core/errors.ts";
import { Button } from "../../src/ui/button.tsx";
import { type FileRole, guessDiskFormat, guessRole, readHead } from "../../src/ui/image-file.ts";
import { Modal } from "../../src/ui/modal.tsx";
import { freeName } from "../../src/ui/quick-vm.ts";
import { buildVm, changeForm, emptyForm, type NewVmForm, type Problems } from "../../src/ui/vm-form.ts";
import { createVm } from "../actions.ts";
import { usePanel } from "../context.ts";
import { FormFields } from "./form-fields.tsx";

/** Makes a VM from the user's own files. `files` were dropped on the list: each goes where it fits. */
export function NewVmDialog({ files, onClose }: { files: File[]; onClose: () => void }) {
  const panel = usePanel();
  const [form, setForm] = useState<NewVmForm>(() => {
    const names = panel.link.store.get().vms.map((vm) => vm.profile.name);
    return emptyForm(freeName("New VM", names));
  });
  const [problems, setProblems] = useState<Problems>({});
  const [refused, setRefused] = useState<ErrorData>();
  const [busy, setBusy] = useState<"create" | "start">();
  const body = useRef<HTMLFormElement>(null);

  const change = (part: Partial<NewVmForm>) => {
    setForm((before) => changeForm(before, part));
    setProblems((before) => {
      const left = { ...before };
      for (const key of Object.keys(part)) delete left[key as keyof NewVmForm];
      return left;
    });
  };
  const setFile = async (role: FileRole, file: File | undefined) => {
    change(role === "disk" && file ? { disk: file, diskFormat: guessDiskFormat(file.name) } : { [role]: file });
    if (role !== "disk" || !file) return;
    const head = await readOr(file, setRefused);
    if (head) change({ diskFormat: guessDiskFormat(file.name, head) });
  };
  const takeFiles = async (dropped: readonly File[]) => {
    for (const file of dropped) {
      const head = await readOr(file, setRefused);
      if (head) await setFile(guessRole(file.name, head), file);
    }
  };
  useEffect(() => void takeFiles(files), []);

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
      await createVm(panel, result.profile, result.files, start);
      onClose();
    } catch (thrown) {
      setRefused(toErrorData(thrown));
      setBusy(undefined);
    }
  };

  return (
    <Modal
      title="New VM"
      onClose={onClose}
      footer={
        <>
          {refused && (
            <p class="form-refused" role="alert">
              <strong>{refused.message}</strong> {refused.hint}
            </p>
          )}
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
          onChange={change}
          onFile={(role, file) => void setFile(role, file)}
        />
      </form>
    </Modal>
  );
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
