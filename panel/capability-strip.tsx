import { Icon } from "../src/ui/icon.tsx";
import { useCapabilities } from "./capabilities.ts";

/** Shown only when something that a VM can't do without is missing: what, and what to do. */
export function CapabilityStrip() {
  const { report } = useCapabilities();
  const missing = report?.items.filter((item) => item.required && !item.ok) ?? [];
  if (missing.length === 0) return null;
  return (
    <section class="strip strip-warning" aria-label="Missing capabilities" role="alert">
      {missing.map((item) => (
        <p key={item.id} class="strip-line">
          <span class="tone-warning">
            <Icon name="warning" />
          </span>
          <span>
            <strong>{item.label} is missing.</strong> {item.hint}
          </span>
        </p>
      ))}
    </section>
  );
}
