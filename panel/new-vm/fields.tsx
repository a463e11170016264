import { useId } from "preact/hooks";

interface FieldProps {
  label: string;
  problem?: string | undefined;
  value: string;
  onChange: (value: string) => void;
}

export interface TextFieldProps extends FieldProps {
  kind?: "text" | "number" | "mono";
  unit?: string;
  autofocus?: boolean;
  placeholder?: string;
}

export function TextField({ label, problem, value, onChange, kind = "text", unit, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <>
      <label for={id}>{label}</label>
      <div class="form-field">
        <span class="form-line">
          <input
            id={id}
            class={`input${kind === "mono" ? " mono" : ""}${kind === "number" ? " input-number" : ""}`}
            type="text"
            inputMode={kind === "number" ? "numeric" : "text"}
            spellcheck={false}
            autocomplete="off"
            placeholder={rest.placeholder}
            value={value}
            data-autofocus={rest.autofocus ? "" : undefined}
            aria-invalid={problem ? "true" : undefined}
            aria-describedby={problem ? `${id}-problem` : undefined}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
          {unit && <span class="subtle">{unit}</span>}
        </span>
        {problem && (
          <p class="form-problem" id={`${id}-problem`}>
            {problem}
          </p>
        )}
      </div>
    </>
  );
}

export interface SelectFieldProps extends FieldProps {
  /** Value and text of each choice. */
  choices: Record<string, string>;
  disabled?: boolean;
}

export function SelectField({ label, problem, value, choices, disabled, onChange }: SelectFieldProps) {
  const id = useId();
  return (
    <>
      <label for={id}>{label}</label>
      <div class="form-field">
        <select
          id={id}
          class="input"
          value={value}
          disabled={disabled}
          aria-invalid={problem ? "true" : undefined}
          aria-describedby={problem ? `${id}-problem` : undefined}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {Object.entries(choices).map(([choice, text]) => (
            <option key={choice} value={choice}>
              {text}
            </option>
          ))}
        </select>
        {problem && (
          <p class="form-problem" id={`${id}-problem`}>
            {problem}
          </p>
        )}
      </div>
    </>
  );
}
