import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "./button.tsx";
import { formatBytes } from "./format.ts";

export interface FileFieldProps {
  label: string;
  file: File | undefined;
  accept?: string;
  problem?: string | undefined;
  onChange: (file: File | undefined) => void;
}

/** A native file input that also shows files which came by dropping, and can be emptied. */
export function FileField({ label, file, accept, problem, onChange }: FileFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const element = input.current;
    if (!element || element.files?.[0] === file) return;
    const transfer = new DataTransfer();
    if (file) transfer.items.add(file);
    element.files = transfer.files;
  }, [file]);
  return (
    <>
      <label for={id}>{label}</label>
      <div class="form-field">
        <div class="form-file">
          <input
            ref={input}
            id={id}
            type="file"
            class="file-input"
            accept={accept}
            aria-invalid={problem ? "true" : undefined}
            aria-describedby={problem ? `${id}-problem` : undefined}
            onChange={(event) => onChange(event.currentTarget.files?.[0])}
          />
          {file && <span class="subtle">{formatBytes(file.size)}</span>}
          {file && (
            <Button
              kind="tool"
              icon="close"
              iconOnly
              label={`Remove ${label.toLowerCase()}`}
              onClick={() => onChange(undefined)}
            />
          )}
        </div>
        {problem && (
          <p class="form-problem" id={`${id}-problem`}>
            {problem}
          </p>
        )}
      </div>
    </>
  );
}
