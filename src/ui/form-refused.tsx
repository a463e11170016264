import "./form.css";
import type { ErrorData } from "../core/errors.ts";

/** Why the engine did not do what a form asks for; nothing while it has not refused. */
export function FormRefused({ error }: { error: ErrorData | undefined }) {
  if (!error) return null;
  return (
    <p class="form-refused" role="alert">
      <strong>{error.message}</strong> {error.hint}
    </p>
  );
}
