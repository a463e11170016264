import "./form.css";
import { useId } from "preact/hooks";
import { SIZE_UNITS, type SizeText } from "./size-field.ts";

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
        <FieldProblem id={id} problem={problem} />
      </div>
    </>
  );
}

export interface SelectFieldProps extends FieldProps {
  /** Value and text of each choice. */
  choices: Partial<Record<string, string>>;
  disabled?: boolean;
  autofocus?: boolean;
}

export function SelectField({ label, problem, value, choices, disabled, autofocus, onChange }: SelectFieldProps) {
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
          data-autofocus={autofocus ? "" : undefined}
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
        <FieldProblem id={id} problem={problem} />
      </div>
    </>
  );
}

export interface SizeFieldProps {
  label: string;
  problem?: string | undefined;
  value: SizeText;
  onChange: (value: SizeText) => void;
}

/** A number with its unit. */
export function SizeField({ label, problem, value, onChange }: SizeFieldProps) {
  const id = useId();
  return (
    <>
      <label for={id}>{label}</label>
      <div class="form-field">
        <span class="form-line">
          <input
            id={id}
            class="input input-number"
            type="text"
            inputMode="decimal"
            autocomplete="off"
            value={value.amount}
            aria-invalid={problem ? "true" : undefined}
            aria-describedby={problem ? `${id}-problem` : undefined}
            onInput={(event) => onChange({ ...value, amount: event.currentTarget.value })}
          />
          <select
            class="input"
            aria-label={`Unit of ${label.toLowerCase()}`}
            value={value.unit}
            onChange={(event) => onChange({ ...value, unit: oneOf(SIZE_UNITS, event.currentTarget.value, value.unit) })}
          >
            {Object.values(SIZE_UNITS).map((unit) => (
              <option key={unit} value={unit}>
                {unit}
              </option>
            ))}
          </select>
        </span>
        <FieldProblem id={id} problem={problem} />
      </div>
    </>
  );
}

export interface CheckFieldProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function CheckField({ label, checked, onChange }: CheckFieldProps) {
  return (
    <label class="form-check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

/** The choice that an element's value names, or the one before. */
export function oneOf<K extends string>(choices: Partial<Record<K, string>>, value: string, otherwise: K): K {
  return value in choices ? (value as K) : otherwise;
}

function FieldProblem({ id, problem }: { id: string; problem: string | undefined }) {
  if (!problem) return null;
  return (
    <p class="form-problem" id={`${id}-problem`}>
      {problem}
    </p>
  );
}
